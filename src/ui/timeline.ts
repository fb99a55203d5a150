// The timeline: a whole recording in one row, with its alerts, marks and the current position.
import { formatTimeOfDay } from '../base/format.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { PlayerStatus } from '../playback/player.ts'
import type { TimelineEvent } from '../playback/timeline-events.ts'
import { formatLine, type StyledText } from '../widgets/cells.ts'
import { formatDay } from '../widgets/chart/time-axis.ts'
import type { Pen, Tone } from '../widgets/pen.ts'

const SEVERITY_ORDER: readonly TimelineEvent['kind'][] = [
  'ended',
  'acknowledged',
  'gap',
  'info',
  'mark',
  'warning',
  'critical',
]

interface TimelineCell {
  readonly text: string
  readonly tone: Tone
}

/** Returns the time at a column of the timeline in a screen of `width` cells; undefined beside it. */
export function findTimelineTime(
  player: PlayerStatus,
  session: RecordingHeader,
  { width, column }: { readonly width: number; readonly column: number },
): number | undefined {
  const [from, until] = formatEnds(player, session, width)
  const room = Math.max(1, width - from.length - until.length)
  const cell = column - from.length
  if (cell < 0 || cell >= room) return undefined
  return player.begin + ((player.end - player.begin) * (cell + 0.5)) / room
}

/** Draws ` 13:10 ├───✖────▲──m──═══●───┤ 15:42 ` in `width` cells. `session` has the wall clock at session time 0. */
export function drawTimeline(player: PlayerStatus, session: RecordingHeader, pen: Pen, width: number): string {
  const [from, until] = formatEnds(player, session, width)
  const room = Math.max(1, width - from.length - until.length)
  const cells = buildCells(player, pen, room)
  const parts: StyledText[] = [{ text: from, tone: 'muted' }, ...mergeCells(cells), { text: until, tone: 'muted' }]
  return formatLine(pen, parts, width)
}

// ` 13:10 ├` and `┤ 15:42 `: with seconds where it is short, with days where it has several.
function formatEnds({ begin, end }: PlayerStatus, session: RecordingHeader, width: number): readonly [string, string] {
  const short = end - begin < 600_000
  const days = formatDay(toWallTime(session, begin)) !== formatDay(toWallTime(session, end))
  const formatClock = (time: number): string => {
    const clock = formatTimeOfDay(toWallTime(session, time)).slice(0, short ? 8 : 5)
    return days && width >= 60 ? `${formatDay(toWallTime(session, time))} ${clock}` : clock
  }
  return [` ${formatClock(begin)} ├`, `┤ ${formatClock(end)} `]
}

function buildCells(
  { begin, end, at, events, progress }: PlayerStatus,
  pen: Pen,
  room: number,
): readonly TimelineCell[] {
  const span = Math.max(1, end - begin)
  const toColumn = (time: number): number => Math.min(room - 1, Math.max(0, Math.floor(((time - begin) / span) * room)))
  const position = toColumn(at)
  const loadedCells = progress >= 1 ? room : Math.floor(progress * room)
  const cells = Array.from({ length: room }, (_, i): TimelineCell => {
    if (i <= position) return { text: '═', tone: 'accent' }
    return { text: i < loadedCells ? '─' : '·', tone: 'muted' }
  })
  for (const kind of SEVERITY_ORDER)
    for (const event of events) if (event.kind === kind) cells[toColumn(event.time)] = toEventCell(event, pen)
  cells[position] = { text: pen.glyphs.dot, tone: cells[position]!.text === '═' ? 'title' : cells[position]!.tone }
  return cells
}

function toEventCell({ kind }: TimelineEvent, pen: Pen): TimelineCell {
  switch (kind) {
    case 'critical':
      return { text: pen.glyphs.critical, tone: 'critical' }
    case 'warning':
      return { text: pen.glyphs.warning, tone: 'warning' }
    case 'mark':
      return { text: 'm', tone: 'key' }
    case 'ended':
      return { text: pen.glyphs.ended, tone: 'good' }
    case 'acknowledged':
      return { text: 'a', tone: 'muted' }
    case 'gap':
      return { text: '╌', tone: 'warning' }
    default:
      return { text: 'i', tone: 'accent' }
  }
}

function mergeCells(cells: readonly TimelineCell[]): readonly StyledText[] {
  const parts: { text: string; tone: Tone }[] = []
  for (const { text, tone } of cells) {
    const last = parts.at(-1)
    if (last?.tone === tone) last.text += text
    else parts.push({ text, tone })
  }
  return parts
}
