// What a benchmark is: a name, and a function from the settings to a table.
import type { Program } from './peers.ts'

/** What the command line says. */
export interface Settings {
  /** Measured seconds per program, over all rounds. */
  readonly seconds: number
  readonly rounds: number
  readonly warmup: number
  readonly programs: readonly Program[]
  /** of `detect`: which half of the corpus, and how often each kind is drawn */
  readonly half: 'train' | 'test'
  readonly runs: number
  /** of `loadtest` and `storm`: kinds of servers; empty: all */
  readonly kinds: readonly string[]
  /** where the seeds of the corpus begin, other than those of the halves */
  readonly seed?: number
  /** of `analyze`: megabytes of the log */
  readonly mb: number
  /** Says what is being measured now. */
  readonly progress: (text: string) => void
}

/** A table: the keys of the rows are its columns. `-` is printed for what a row does not have. */
export interface Table {
  readonly title: string
  readonly notes: readonly string[]
  readonly rows: readonly Row[]
}

/** Numbers are in the unit that the column's name gives. */
export type Row = Readonly<Record<string, string | number | undefined>>

/** One benchmark. */
export interface Bench {
  readonly about: string
  run(settings: Settings): Promise<Table>
}

/** Middle of the values; the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

/** Arithmetic mean. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A number with at most `digits` significant digits. */
export function roundTo(value: number, digits = 3): number {
  return Number(value.toPrecision(digits))
}

/** What came of measuring: the samples, and by program's name why it has none. */
export interface Outcome<Sample> {
  readonly samples: readonly Sample[]
  readonly failed: ReadonlyMap<string, string>
}

/**
 * Measures one item after the other, never two at once, and that `rounds` times, so that what disturbs the machine for
 * a while disturbs all of them. A program that fails is left out from then on.
 */
export async function measureInTurn<Item extends { readonly program: Program }, Sample>(
  items: readonly Item[],
  rounds: number,
  measure: (item: Item, round: number) => Promise<Sample>,
): Promise<Outcome<Sample>> {
  const samples: Sample[] = []
  const failed = new Map(items.flatMap(({ program }) => (program.missing ? [[program.name, program.missing]] : [])))
  for (let round = 1; round <= rounds; round += 1) {
    for (const item of items.filter(({ program }) => !failed.has(program.name))) {
      try {
        samples.push(await measure(item, round))
      } catch (error) {
        failed.set(item.program.name, (error as Error).message)
      }
    }
  }
  return { samples, failed }
}

/** What the table says instead of figures: a row for each program without them. */
export function buildMissingRows({ failed }: Outcome<unknown>): readonly Row[] {
  return [...failed].map(([program, why]) => ({ program, note: why.split('\n')[0] }))
}
