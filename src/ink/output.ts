// Replaces Ink's Output: a row with the same lines as in the last frame keeps its text, others are joined from their lines. Rows
// that are not simple are drawn by Ink's own class.
import {
  type Clip,
  canPlaceLines,
  intersectClips,
  type LineTarget,
  type LineWriter,
  placeLines,
  type TextWrite,
  type Transformer,
} from './clip-lines.ts'
import { type PlacedLine, renderRow } from './rows.ts'
import { type Ansi, createStyleTable, type StyleTable } from './styles.ts'

/** One frame: collects texts and clips, and returns the text of the screen. */
export interface InkOutput {
  readonly width: number
  readonly height: number
  write(x: number, y: number, text: string, options: { transformers: Transformer[] }): void
  clip(clip: Clip): void
  unclip(): void
  get(): { output: string; height: number }
}

/** Ink's class that collects the texts of a frame. */
export type InkOutputClass = new (size: { width: number; height: number }) => InkOutput

/** State that is kept between frames: one screen of lines and texts, and a bounded number of styles. */
interface FrameCache {
  readonly styles: StyleTable
  width: number
  rows: readonly (readonly PlacedLine[])[]
  texts: readonly string[]
  output: string
}

const MAX_CACHED_STYLES = 4096

type Operation = { readonly write: TextWrite } | { readonly clip: Clip | undefined }

/** Creates the replacement. @param Original Ink's class @param ansi the ansi-tokenize that Ink uses */
export function swapOutput(Original: InkOutputClass, ansi: Ansi): InkOutputClass {
  const createCache = (): FrameCache => ({ styles: createStyleTable(ansi), width: 0, rows: [], texts: [], output: '' })
  let cache = createCache()

  return class implements InkOutput {
    readonly width: number
    readonly height: number
    private readonly operations: Operation[] = []

    constructor({ width, height }: { width: number; height: number }) {
      this.width = width
      this.height = height
    }

    write(x: number, y: number, text: string, { transformers }: { transformers: readonly Transformer[] }): void {
      if (text !== '') this.operations.push({ write: { x, y, text, transformers } })
    }

    clip(clip: Clip): void {
      this.operations.push({ clip })
    }

    unclip(): void {
      this.operations.push({ clip: undefined })
    }

    get(): { output: string; height: number } {
      if (cache.styles.countCached() > MAX_CACHED_STYLES) cache = createCache()
      const width = toWholeCount(this.width)
      const height = toWholeCount(this.height)
      const rows = placeRows(Original, cache, this.operations, height)
      const texts = rows.map(
        (row, y) => getCachedRow(cache, row, y, width) ?? drawRow(Original, cache.styles, row, width),
      )
      const same = texts.length === cache.texts.length && texts.every((text, y) => text === cache.texts[y])
      const output = same ? cache.output : texts.join('\n')
      Object.assign(cache, { width, rows, texts, output })
      return { output, height }
    }
  }
}

// Ink creates a row for each whole number below the size.
const toWholeCount = (size: number): number => Math.max(0, Math.ceil(size)) || 0

function placeRows(
  Original: InkOutputClass,
  { styles, rows: before }: FrameCache,
  operations: readonly Operation[],
  height: number,
): readonly (readonly PlacedLine[])[] {
  const rows: PlacedLine[][] = Array.from({ length: height }, () => [])
  const writeLine: LineWriter = (x, y, line) => {
    const row = rows[y]!
    const old = before[y]?.[row.length]
    row.push(old && old.x === x && old.line === line ? old : { x, line })
  }
  const clips: Clip[] = []
  for (const operation of operations) {
    if ('write' in operation) {
      const clip = clips.at(-1)
      if (canPlaceLines(operation.write, clip)) placeLines(styles, operation.write, clip, { height, writeLine })
      else placeLinesWithInk(Original, operation.write, clip, { height, writeLine })
    } else if (operation.clip) clips.push(intersectClips(clips.at(-1), operation.clip))
    else clips.pop()
  }
  return rows
}

// Ink's class clips and transforms; a last transformer extracts the finished lines.
function placeLinesWithInk(
  Original: InkOutputClass,
  write: TextWrite,
  clip: Clip | undefined,
  { height, writeLine }: LineTarget,
): void {
  const { x, y, text, transformers } = write
  const start = clip?.x1 !== undefined && clip.x2 !== undefined ? Math.max(x, clip.x1) : x
  const captureLine: Transformer = (line, index) => {
    writeLine(start, Math.round(y + index), line)
    return ''
  }
  const output = new Original({ width: 0, height })
  if (clip) output.clip(clip)
  output.write(x, y, text, { transformers: [...transformers, captureLine] })
  output.get()
}

const getCachedRow = (cache: FrameCache, row: readonly PlacedLine[], y: number, width: number): string | undefined =>
  width === cache.width && isSameRow(row, cache.rows[y]) ? cache.texts[y] : undefined

const drawRow = (Original: InkOutputClass, styles: StyleTable, row: readonly PlacedLine[], width: number): string =>
  renderRow(styles, row, width) ?? renderRowWithInk(Original, row, width)

function isSameRow(row: readonly PlacedLine[], old: readonly PlacedLine[] | undefined): boolean {
  return old !== undefined && row.length === old.length && row.every((placed, i) => placed === old[i])
}

// The lines are finished and must not be clipped and styled again: a transformer returns each.
function renderRowWithInk(Original: InkOutputClass, row: readonly PlacedLine[], width: number): string {
  const output = new Original({ width, height: 1 })
  for (const { x, line } of row) output.write(x, 0, ' ', { transformers: [() => line] })
  return output.get().output
}
