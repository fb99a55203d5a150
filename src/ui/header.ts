// The header: the node, its state in a few words, and what the program is doing.

import { type AppState, getVisibleHistory } from '../app/state.ts'
import { formatAge, formatBytes, formatClockOrUptime, formatDuration } from '../base/format.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import { listActiveBySeverity } from '../detectors/alerts.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import { type History, isFailing } from '../history.ts'
import type { PlayerStatus } from '../playback/player.ts'
import { formatLine, measureWidth, type StyledText } from '../widgets/cells.ts'
import { formatDay } from '../widgets/chart/time-axis.ts'
import type { Pen } from '../widgets/pen.ts'
import { formatLinkPlace, formatLinkProblem, formatReboot } from './pages/link-text.ts'

/** Draws one line of `width` cells. */
export function drawHeader(state: AppState, pen: Pen, width: number): string {
  const history = getVisibleHistory(state)
  const right: readonly StyledText[] = [...buildProblemParts(state, pen), ...buildStatusParts(state, pen)]
  const room = width - right.reduce((sum, { text }) => sum + measureWidth(text), 0)
  return formatLine(pen, buildLeftParts(state, history, room), width, right)
}

// Parts that a narrow screen can drop come last.
function buildLeftParts(state: AppState, history: History, room: number): readonly StyledText[] {
  const { values } = history.meminfo
  const { bootedAt } = history.uptime
  const { mode } = history.cgroups
  const words = [
    `kmemtop  ${history.session.host}${formatLinkPlace(state.link)}`,
    formatReboot(state.link, state.history.time),
    `Linux ${history.session.kernel}`,
    values.has('MemTotal') ? formatBytes(values.get('MemTotal')) : '',
    formatQuietSummary(state, history),
    mode === 'none' ? '' : `cgroup ${mode}`,
    bootedAt === undefined ? '' : `up ${formatDuration(history.time - bootedAt)}`,
    formatSwap(values.get('SwapTotal')),
    state.identity,
  ]
  let used = 0
  return words.flatMap((word, i): readonly StyledText[] => {
    const text = i === 0 ? ` ${word}` : `  ${word}`
    if (word === '') return []
    used += measureWidth(text)
    if (i > 0 && used > room) return [] // drop all later words too, so that words do not come and go
    return [{ text, tone: i === 0 ? 'title' : 'muted' }]
  })
}

function formatSwap(total: number | undefined): string {
  if (total === undefined) return ''
  return total === 0 ? 'no swap' : `swap ${formatBytes(total)}`
}

// On a quiet node the header shows that there are no alerts, and the age of the last kill.
function formatQuietSummary(state: AppState, history: History): string {
  if (listActiveBySeverity(state.alerts).length > 0) return ''
  if (state.player?.alertsKnown === false) return '' // the status says it
  const last = getCorrelatedKills(history).at(-1)
  const kills = history.vmstat.counters.oom_kill
  if (!history.sources.kmsg && !last) return `no alerts · ${kills ?? 'no'} OOM kills since boot, kernel log not read`
  return `no alerts · last OOM kill: ${last ? formatAge(history.time - last.time) : formatKillCount(kills, history.knownSince)}`
}

function formatKillCount(kills: number | undefined, knownSince: number | undefined): string {
  if (knownSince !== undefined && kills !== 0) return 'not known yet'
  if (kills === undefined) return 'none seen'
  return kills === 0 ? 'none since boot' : `${kills} since boot, none in the log`
}

function buildProblemParts({ history }: AppState, pen: Pen): readonly StyledText[] {
  const failing = Object.values(history.sources).filter(isFailing)
  if (failing.length === 0) return []
  return [
    {
      text: ` ${pen.glyphs.warning} ${failing.length} source${failing.length === 1 ? '' : 's'} failing, press ? `,
      tone: 'warning',
    },
  ]
}

function buildStatusParts(state: AppState, pen: Pen): readonly StyledText[] {
  const history = getVisibleHistory(state)
  const { session, time } = history
  return [
    { text: ' ' },
    ...buildRecorderParts(state, pen),
    state.player && !state.player.rewound ? buildPlaybackPart(state.player, pen) : buildLivePart(state, pen),
    { text: ` ${session.interval / 1000}s  ${formatNow(session, time)} `, tone: 'muted' },
  ]
}

// With the day where the session has more than one, so that 08:00 of the next day is not taken for that of this one.
function formatNow(session: RecordingHeader, time: number): string {
  const wall = toWallTime(session, time)
  const clock = formatClockOrUptime(wall)
  const day = formatDay(wall)
  return day === formatDay(toWallTime(session, 0)) || !/^\d\d:/.test(clock) ? clock : `${day} ${clock}`
}

function buildLivePart({ ui, player, history, link }: AppState, pen: Pen): StyledText {
  const linkProblem = formatLinkProblem(link)
  if (linkProblem !== undefined) return { text: ` ${linkProblem} `, tone: 'alarm' }
  if (ui.stallNotice) return { text: ` ${ui.stallNotice} `, tone: 'alarm' }
  if (!ui.frozen) return { text: `${pen.glyphs.dot} LIVE `, tone: 'good' }
  const back = history.time - ui.frozen.time
  return { text: player && back >= 2000 ? ` ${formatDuration(back)} AGO ` : ' PAUSED ', tone: 'caution' }
}

// Until the recording is indexed, the state comes from a keyframe nearby and lacks what needs a longer history. A screen
// without a banner then means nothing, so this says it at every width.
function buildPlaybackPart({ playing, speed, exact, progress, alertsKnown }: PlayerStatus, pen: Pen): StyledText {
  const share = progress < 1 ? ` ${Math.floor(progress * 100)} %` : ''
  const reading = exact ? '' : `, reading${share}${alertsKnown ? '' : ', alerts unknown'}`
  const speedText = speed < 1 ? `1/${1 / speed}` : String(speed)
  return {
    text: ` REPLAY ${playing ? pen.glyphs.play : pen.glyphs.pause} ${speedText}${pen.glyphs.times}${reading} `,
    tone: 'caution',
  }
}

function buildRecorderParts({ recorder, history }: AppState, pen: Pen): readonly StyledText[] {
  if (recorder.file)
    return [
      {
        text: `${pen.glyphs.dot} REC ${formatDuration(Math.max(0, history.time - recorder.file.since))} `,
        tone: 'critical',
      },
      { text: ' ' },
    ]
  return recorder.problem === undefined
    ? []
    : [{ text: ` ${pen.glyphs.warning} not recording, press ? `, tone: 'warning' }]
}
