// How each part of all RAM is drawn, in the chart and in the bar alike.
import type { RamPart } from '../../collectors/ram-groups.ts'
import type { Glyphs, Tone } from '../../widgets/pen.ts'

/** The tone of a part, and its sign: an index into the glyphs of bars. */
export const PART_STYLES: Readonly<Record<RamPart, { readonly tone: Tone; readonly glyph: number }>> = {
  anon: { tone: 'accent', glyph: 0 },
  cache: { tone: 'good', glyph: 1 },
  slab: { tone: 'warning', glyph: 2 },
  kernel: { tone: 'critical', glyph: 3 },
  unaccounted: { tone: 'muted', glyph: 4 },
  free: { tone: 'muted', glyph: 5 },
}

/** Returns the character that fills a part. */
export const getPartGlyph = (part: RamPart, { bar }: Glyphs): string => bar[PART_STYLES[part].glyph]!
