// The timeline: a whole recording in one row, with its alerts and marks, and where one is in it.
import { formatTimeOfDay } from '../base/format.ts'
import type { PlayerStatus } from '../session/player.ts'
import type { TimelineEvent } from '../session/timeline.ts'
import { lineOf, type Part } from '../widgets/cells.ts'
import type { Pen, Tone } from '../widgets/pen.ts'

const LOUDNESS: readonly TimelineEvent['kind'][] = ['gap', 'info', 'mark', 'warning', 'critical']

interface Cell {
  readonly text: string
  readonly tone: Tone
}

/** ` 13:10 ├───✖────▲──m──═══●───┤ 15:42 `: one line of `width` cells. `wallClock`: of session time 0. */
export function timelineLine(player: PlayerStatus, wallClock: number, pen: Pen, width: number): string {
  const { begin, end } = player
  const short = end - begin < 600_000
  const clock = (time: number): string => formatTimeOfDay(wallClock + time).slice(0, short ? 8 : 5)
  const [from, until] = [` ${clock(begin)} ├`, `┤ ${clock(end)} `]
  const room = Math.max(1, width - from.length - until.length)
  const cells = cellsOf(player, pen, room)
  const parts: Part[] = [{ text: from, tone: 'muted' }, ...joined(cells), { text: until, tone: 'muted' }]
  return lineOf(pen, parts, width)
}

function cellsOf({ begin, end, at, events, progress }: PlayerStatus, pen: Pen, room: number): readonly Cell[] {
  const span = Math.max(1, end - begin)
  const column = (time: number): number => Math.min(room - 1, Math.max(0, Math.floor(((time - begin) / span) * room)))
  const position = column(at)
  const folded = progress >= 1 ? room : Math.floor(progress * room)
  const cells = Array.from({ length: room }, (_, i): Cell => {
    if (i <= position) return { text: '═', tone: 'accent' }
    return { text: i < folded ? '─' : '·', tone: 'muted' }
  })
  for (const kind of LOUDNESS)
    for (const event of events) if (event.kind === kind) cells[column(event.time)] = cellOf(event, pen)
  cells[position] = { text: pen.glyphs.dot, tone: cells[position]!.text === '═' ? 'title' : cells[position]!.tone }
  return cells
}

function cellOf({ kind }: TimelineEvent, pen: Pen): Cell {
  switch (kind) {
    case 'critical':
      return { text: pen.glyphs.critical, tone: 'critical' }
    case 'warning':
      return { text: pen.glyphs.warning, tone: 'warning' }
    case 'mark':
      return { text: 'm', tone: 'key' }
    case 'gap':
      return { text: '╌', tone: 'warning' }
    default:
      return { text: 'i', tone: 'accent' }
  }
}

function joined(cells: readonly Cell[]): readonly Part[] {
  const parts: { text: string; tone: Tone }[] = []
  for (const { text, tone } of cells) {
    const last = parts.at(-1)
    if (last?.tone === tone) last.text += text
    else parts.push({ text, tone })
  }
  return parts
}
