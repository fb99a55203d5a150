// In place of Ink's Output: rows whose lines are those of the frame before keep their text, others are joined from lines.
// What is not simple goes, row by row, through Ink's own class.
import { type Clip, canLayer, layer, type Put, sharedBy, type Transformer, type Write } from './layers.ts'
import { type Placed, rowText } from './rows.ts'
import { type Ansi, createStyles, type Styles } from './styles.ts'

/** The frame of a tree: texts and clips in, text of the screen out. */
export interface Output {
  readonly width: number
  readonly height: number
  write(x: number, y: number, text: string, options: { transformers: Transformer[] }): void
  clip(clip: Clip): void
  unclip(): void
  get(): { output: string; height: number }
}

export type OutputClass = new (size: { width: number; height: number }) => Output

/** What stays from frame to frame: one screen of lines and texts, and a bounded number of styles. */
interface Memory {
  readonly styles: Styles
  width: number
  rows: readonly (readonly Placed[])[]
  texts: readonly string[]
  output: string
}

const MOST_KEPT = 4096

type Operation = { readonly write: Write } | { readonly clip: Clip | undefined }

/** @param Original Ink's class @param ansi the ansi-tokenize that Ink uses */
export function swapOutput(Original: OutputClass, ansi: Ansi): OutputClass {
  const empty = (): Memory => ({ styles: createStyles(ansi), width: 0, rows: [], texts: [], output: '' })
  let memory = empty()

  return class implements Output {
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
      if (memory.styles.kept() > MOST_KEPT) memory = empty()
      const width = countOf(this.width)
      const height = countOf(this.height)
      const rows = placedRows(Original, memory, this.operations, height)
      const texts = rows.map((row, y) => textOfRow(Original, memory, row, y, width))
      const same = texts.length === memory.texts.length && texts.every((text, y) => text === memory.texts[y])
      const output = same ? memory.output : texts.join('\n')
      Object.assign(memory, { width, rows, texts, output })
      return { output, height }
    }
  }
}

// Ink makes a row for each whole number below the size.
const countOf = (size: number): number => Math.max(0, Math.ceil(size)) || 0

function placedRows(
  Original: OutputClass,
  { styles, rows: before }: Memory,
  operations: readonly Operation[],
  height: number,
): readonly (readonly Placed[])[] {
  const rows: Placed[][] = Array.from({ length: height }, () => [])
  const put: Put = (x, y, line) => {
    const row = rows[y]!
    const old = before[y]?.[row.length]
    row.push(old && old.x === x && old.line === line ? old : { x, line })
  }
  const clips: Clip[] = []
  for (const operation of operations) {
    if ('write' in operation) {
      const clip = clips.at(-1)
      if (canLayer(operation.write, clip)) layer(styles, operation.write, clip, height, put)
      else layerByInk(Original, operation.write, clip, height, put)
    } else if (operation.clip) clips.push(sharedBy(clips.at(-1), operation.clip))
    else clips.pop()
  }
  return rows
}

// Ink's class clips and transforms; a last transformer takes the finished lines out of it.
function layerByInk(Original: OutputClass, write: Write, clip: Clip | undefined, height: number, put: Put): void {
  const { x, y, text, transformers } = write
  const start = clip?.x1 !== undefined && clip.x2 !== undefined ? Math.max(x, clip.x1) : x
  const take: Transformer = (line, index) => {
    put(start, Math.round(y + index), line)
    return ''
  }
  const output = new Original({ width: 0, height })
  if (clip) output.clip(clip)
  output.write(x, y, text, { transformers: [...transformers, take] })
  output.get()
}

function textOfRow(Original: OutputClass, memory: Memory, row: readonly Placed[], y: number, width: number): string {
  if (width === memory.width && isSameRow(row, memory.rows[y])) return memory.texts[y]!
  return rowText(memory.styles, row, width) ?? rowByInk(Original, row, width)
}

function isSameRow(row: readonly Placed[], old: readonly Placed[] | undefined): boolean {
  return old !== undefined && row.length === old.length && row.every((placed, i) => placed === old[i])
}

// The lines are finished, so they must not be clipped and styled again: each is what a transformer gives.
function rowByInk(Original: OutputClass, row: readonly Placed[], width: number): string {
  const output = new Original({ width, height: 1 })
  for (const { x, line } of row) output.write(x, 0, ' ', { transformers: [() => line] })
  return output.get().output
}
