// The sweep: each scenario is played at every twentieth of its length before, while and after it is indexed. No statement of the screen,
// of `info` or of `check` may contradict what the whole recording says of that time. By default a few scenarios at every seventh.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import { formatAge } from '../../src/base/format.ts'
import { type Alert, getAlertKey } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import type { MonitorState } from '../../src/detectors/monitor-state.ts'
import { getCorrelatedKills } from '../../src/detectors/oom/oom-correlation.ts'
import { computeVerdict } from '../../src/export/check.ts'
import { createHistory } from '../../src/history.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { Player, type PlayerStatus } from '../../src/playback/player.ts'
import { readSamples } from '../../src/playback/recorded-samples.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { replaySamples } from '../../src/playback/replay-samples.ts'
import type { TimelineEvent } from '../../src/playback/timeline-events.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { openBuffer, openRecording, type RecordingFile } from '../../src/recording/open-recording.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { pickCases } from '../full.ts'

const FOLDER = new URL('../../snapshots/', import.meta.url).pathname
const PEN = createPen({ level: 0, ascii: false })
const STEPS = pickCases(7, 20)
const LARGE_STEPS = process.env.KMEMTOP_NIGHTLY === '1' ? STEPS : 4
const all = readdirSync(FOLDER, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? entry.name : []))
const scenarios = pickCases(['v1-slab-growth', 'v2-memcg-oom', 'v2-quiet'], all)

/** Scenarios with so many cgroups that they are swept only as they were recorded, and at every quarter; nightly at every twentieth. */
const LARGE: ReadonlySet<string> = new Set(['v1-incident-310', 'v2-id-exhaustion'])

/** Samples that are replayed at once: as few as this, a jump in a short scenario is as far as one in a recording of days. */
const FORWARD_SAMPLES = 5

type Open = () => RecordingFile

/** The recording as it is, with summaries; and the same readings as plain lines, of which nothing is known before they are read. */
function listForms(scenario: string): readonly (readonly [string, Open])[] {
  const path = `${FOLDER}${scenario}/session.kmem`
  const recorded = ['recorded', (): RecordingFile => openRecording(path)] as const
  if (LARGE.has(scenario)) return [recorded]
  const seeker = new RecordingSeeker(openRecording(path), defaultThresholds)
  const samples = [...readSamples(seeker.replayer)]
  const lines = samples.flatMap(({ preamble, readings }) => [...preamble, ...readings]).map(encodeReading)
  const plain = Buffer.from([encodeHeader(seeker.session, seeker.begin), ...lines].join(''))
  return [recorded, ['plain lines', () => openBuffer('plain', plain)]]
}

/** What a screen shows at a time. */
interface Shown {
  readonly monitor: MonitorState
  readonly player: PlayerStatus
}

/** Opens a recording. `indexed`: the share of it that is read in the background. */
function openSeeker(open: Open, indexed: number): RecordingSeeker {
  const seeker = new RecordingSeeker(open(), defaultThresholds, FORWARD_SAMPLES)
  const goal = seeker.begin + indexed * (seeker.end - seeker.begin)
  seeker.replayInBackground(() => indexed >= 1 || seeker.progress * (seeker.end - seeker.begin) + seeker.begin < goal)
  return seeker
}

function openPlayer(seeker: RecordingSeeker, time: number): { player: Player; shown: Shown } {
  const shown = {} as { -readonly [Key in keyof Shown]: Shown[Key] }
  const show = (monitor: MonitorState, status: PlayerStatus): void =>
    void Object.assign(shown, { monitor, player: status })
  return { player: new Player(seeker, show, { playing: false, begin: time }), shown }
}

const toAppState = ({ monitor, player }: Shown): AppState =>
  updateState(createInitialState(createHistory(monitor.history.session)), { type: 'played', monitor, player })

const drawView = (state: AppState, panel: 'alerts' | 'overview' | 'oom'): string =>
  renderFrameText(updateState(state, { type: 'view', panel }), PEN, 200, 50).join('\n')

/** What an alert is at a time, apart from its words and figures. */
const describeAlert = ({ severity, raisedAt, resolvedAt, ...alert }: Alert): string =>
  `${getAlertKey(alert)} ${resolvedAt === undefined ? severity : 'resolved'} raised ${Math.round(raisedAt)}`

const describeEvent = ({ time, kind, text }: TimelineEvent): string =>
  `${Math.round(time)} ${kind} ${text.split('  ')[0]}`

/** What the whole recording says: its events, and its state at each time. */
interface Truth {
  readonly events: readonly TimelineEvent[]
  readonly at: readonly { readonly time: number; readonly monitor: MonitorState }[]
}

function readTruth(open: Open, steps: number): Truth {
  const seeker = new RecordingSeeker(open(), defaultThresholds)
  seeker.replayInBackground(() => true)
  const times = Array.from({ length: steps + 1 }, (_, i) => seeker.begin + (i / steps) * (seeker.end - seeker.begin))
  return {
    events: seeker.listEvents(),
    at: times.map(time => ({ time, monitor: seeker.seekExact(Math.max(time, seeker.firstSampleTime)).monitor })),
  }
}

describe.each(
  scenarios.flatMap(scenario => listForms(scenario).map(([form, open]) => [scenario, form, open] as const)),
)('%s, %s', (scenario, _form, open) => {
  let known: Truth | undefined
  const getTruth = (): Truth => (known ??= readTruth(open, LARGE.has(scenario) ? LARGE_STEPS : STEPS))

  test.each([0, 0.5, 1])('with %d of it indexed', indexed => {
    const shared = openSeeker(open, indexed)
    for (const { time, monitor: whole } of getTruth().at) {
      // a jump leaves checkpoints: before indexing there are none
      const { player, shown } = openPlayer(indexed === 0 ? openSeeker(open, 0) : shared, time)
      const state = toAppState(shown)
      const place = `at ${Math.round(time)} ms`
      checkAlerts(state, whole, place)
      checkHeader(state, whole, place)
      checkKills(state, whole, place)
      checkNumbers(shown, whole, place)
      checkTimeline(player, getTruth().events, place)
    }
  })
})

// Both replay the recording once, and number and name its alerts: the timeline must have the same turns.
test.each(scenarios.filter(scenario => !LARGE.has(scenario)))(
  'info and check of %s say what the timeline says',
  scenario => {
    const open = listForms(scenario)[0]![1]
    const { events } = readTruth(open, 1)
    const seeker = new RecordingSeeker(open(), defaultThresholds)
    const log = new AlertLog()
    let history = createHistory(seeker.session)
    for (const { monitor } of replaySamples(seeker.replayer, {}, log)) history = monitor.history
    const alerts = log.listAlerts(seeker.replayer.summaryAlerts)
    const turns = alerts.flatMap(({ raisedAt, criticalAt, resolvedAt }) => [
      ...new Set([raisedAt, criticalAt ?? raisedAt]),
      ...(resolvedAt === undefined ? [] : [resolvedAt]),
    ])
    const drawn = events.filter(
      ({ kind, text }) => !['mark', 'gap', 'acknowledged'].includes(kind) && !/ ×\d+ {2}/.test(text),
    )
    expect(turns.sort((a, b) => a - b)).toEqual(drawn.map(({ time }) => time))
    const isProblem = drawn.some(({ kind }) => kind === 'warning' || kind === 'critical')
    expect(computeVerdict({ history, alerts, past: true, off: [] }) === 'problem').toBe(isProblem)
  },
)

function checkAlerts(state: AppState, whole: MonitorState, place: string): void {
  const isKnown = state.player!.alertsKnown
  const expected = whole.alerts.map(describeAlert).sort()
  const shown = state.alerts.map(describeAlert).sort()
  if (isKnown) expect(shown, place).toEqual(expected)
  else expect(expected, place).toEqual(expect.arrayContaining(shown))
  const view = drawView(state, 'alerts')
  if (!isKnown) expect(view, place).toMatch(/not known yet/)
  if (expected.length > 0) expect(view, place).not.toContain('no alerts in this session')
}

function checkHeader(state: AppState, whole: MonitorState, place: string): void {
  const header = drawView(state, 'overview').split('\n')[0]!
  const active = whole.alerts.filter(({ resolvedAt }) => resolvedAt === undefined)
  if (/no alerts/.test(header)) expect(active.map(describeAlert), `${place}: ${header}`).toEqual([])
  const lastKill = getCorrelatedKills(whole.history).at(-1)
  const [, said] = /last OOM kill: (.*?)(?: {2}|$)/.exec(header) ?? []
  if (said === undefined || said === 'not known yet') return
  if (lastKill) expect(said, place).toBe(formatAge(whole.history.time - lastKill.time))
  else expect(said, place).toMatch(/none/)
}

function checkKills(state: AppState, whole: MonitorState, place: string): void {
  const describe = (history: MonitorState['history']): readonly string[] =>
    getCorrelatedKills(history).map(({ time, kill }) => `${Math.round(time)} ${kill?.victim.pid}`)
  expect(describe(whole.history), place).toEqual(expect.arrayContaining(describe(state.history) as string[]))
  if (describe(whole.history).length > 0) expect(drawView(state, 'oom'), place).not.toMatch(/no OOM kill/i)
}

function checkNumbers({ monitor: { history } }: Shown, { history: whole }: MonitorState, place: string): void {
  expect(history.time, place).toBe(whole.time)
  expect(Object.fromEntries(history.meminfo.values), place).toEqual(Object.fromEntries(whole.meminfo.values))
  expect(history.vmstat.counters.oom_kill, place).toBe(whole.vmstat.counters.oom_kill)
  expect(history.cgroups.dying, place).toBe(whole.cgroups.dying)
}

// Every event that is drawn is one of the recording; and the keys stop at the next one, or say that it is not known.
function checkTimeline(player: Player, events: readonly TimelineEvent[], place: string): void {
  expect(events.map(describeEvent), place).toEqual(expect.arrayContaining(player.status.events.map(describeEvent)))
  const { at } = player.status
  for (const by of [1, -1] as const) {
    player.execute({ type: 'go', time: at })
    player.execute({ type: 'event', by })
    const target = player.event
    const isBetween = ({ time }: TimelineEvent): boolean =>
      by > 0 ? time > at && time < (target?.time ?? Infinity) : time < at && time > (target?.time ?? -Infinity)
    if (!target) expect(player.status.at, place).toBe(at)
    if (target || /^no /.test(player.eventMessage))
      expect(events.filter(isBetween).map(describeEvent), `${place} ${by}: ${player.eventMessage}`).toEqual([])
  }
}
