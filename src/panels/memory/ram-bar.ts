// The bar of all RAM: a share for each part, and its legend. For screens without room for the chart.
import { formatShortBytes } from '../../base/format.ts'
import type { RamPart } from '../../collectors/ram-groups.ts'
import { formatLine, measureWidth, type StyledText } from '../../widgets/cells.ts'
import type { Pen } from '../../widgets/pen.ts'
import { getPartGlyph, PART_STYLES } from './part-styles.ts'
import type { MemoryShare, MemoryView } from './rows.ts'

type Shares = Pick<MemoryView, 'shares' | 'total'>

/** Draws `████████▓▓▓▓▓▓▒▒░▞▞·····`, and a legend below. What is unknown stays blank. */
export function drawRamBar(pen: Pen, { shares, total }: Shares, width: number): readonly string[] {
  const lengths = apportion(
    shares.map(share => share.bytes),
    total,
    width - 2,
  )
  const bar: readonly StyledText[] = shares.map(({ name }, i) => ({
    text: getPartGlyph(name, pen.glyphs).repeat(lengths[i]!),
    tone: PART_STYLES[name].tone,
  }))
  return [formatLine(pen, [{ text: ' ' }, ...bar], width), drawLegend(pen, shares, width)]
}

const LEGEND_ORDER: readonly RamPart[] = ['anon', 'cache', 'slab', 'free', 'kernel', 'unaccounted'] // what a narrow screen cuts comes last

function drawLegend(pen: Pen, shares: readonly MemoryShare[], width: number): string {
  const bytes = new Map(shares.map(share => [share.name, share.bytes]))
  const present = LEGEND_ORDER.filter(name => bytes.has(name))
  const listEntries = (unaccounted: string): readonly (readonly StyledText[])[] =>
    present.map(name => [
      { text: ` ${getPartGlyph(name, pen.glyphs)}`, tone: PART_STYLES[name].tone },
      { text: `${name === 'unaccounted' ? unaccounted : name} ${formatShortBytes(bytes.get(name))}` },
    ])
  const fitting = ['unaccounted', 'unacc.', '?'].map(listEntries).map(all => takeFitting(all, width))
  const entries = fitting.find(({ length }) => length === present.length) ?? fitting.at(-1)!
  return formatLine(pen, entries.flat(), width)
}

/** Returns as many entries from the beginning as have room. */
function takeFitting(entries: readonly (readonly StyledText[])[], room: number): readonly (readonly StyledText[])[] {
  let used = 0
  const end = entries.findIndex(entry => {
    used += entry.reduce((cells, { text }) => cells + measureWidth(text), 0)
    return used > room
  })
  return end < 0 ? entries : entries.slice(0, end)
}

/** Splits `room` cells by share. Rounds running sums, so that shares that add up to `total` get exactly `room`. */
function apportion(shares: readonly number[], total: number, room: number): readonly number[] {
  let sum = 0
  let used = 0
  return shares.map(share => {
    sum += share
    const end = Math.min(room, Math.round((sum / Math.max(1, total)) * room))
    const cells = Math.max(0, end - used)
    used += cells
    return cells
  })
}
