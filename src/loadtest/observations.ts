// Observations: what a load test saw, phase by phase, as values per quantity: the input of the verdict and of every report.
import type { TroughSeries } from './judge.ts'
import type { Quantity, QuantityMap } from './quantities.ts'

/** Values at one moment. */
export interface CounterValues {
  /** session time, ms */
  readonly time: number
  readonly quantities: QuantityMap
}

/** One execution of the command and the settle after it. */
export interface Iteration {
  /** session time, ms: the command started, it ended, the settle ended */
  readonly begin: number
  readonly end: number
  readonly settledAt: number
  /** names of what still went back when the settle ended; undefined: too few samples to say */
  readonly unsettled: readonly string[] | undefined
  readonly exitCode: number
  /** milliseconds that the command took, by the clock: `begin` and `end` are those of samples */
  readonly lasted: number
  /** the least of each quantity in the second half of the settle: what goes back has gone back */
  readonly trough: QuantityMap
  /** the most of each quantity from the start of the command to the end of the settle */
  readonly peak: QuantityMap
}

/** A whole run. */
export interface Observations {
  /** snapshots of the control period, before the first execution */
  readonly control: readonly CounterValues[]
  readonly iterations: readonly Iteration[]
  /** iterations that are executed and not judged */
  readonly warmup: number
  /** cgroups under test; empty: the whole node is */
  readonly scope: readonly string[]
}

/** For each id the smaller (or larger) of two values; ids of both. */
export function mergeExtremes(a: QuantityMap, b: QuantityMap, pick: 'least' | 'most'): QuantityMap {
  const merged = new Map(a)
  for (const [id, quantity] of b) {
    const known = merged.get(id)
    const isBetter =
      known === undefined || (pick === 'least' ? quantity.value < known.value : quantity.value > known.value)
    if (isBetter) merged.set(id, quantity)
  }
  return merged
}

/** The trough series of a quantity; undefined where it was missing in one of the troughs (a cgroup that came or went). */
export function collectTroughs(observations: Observations, quantity: Quantity): TroughSeries | undefined {
  const { control, iterations, warmup } = observations
  const start = warmup === 0 ? control.at(-1)?.quantities : iterations[warmup - 1]?.trough
  const maps = start ? [start, ...iterations.slice(warmup).map(({ trough }) => trough)] : []
  const troughs = maps.map(map => map.get(quantity.id)?.value ?? getValueWhenAbsent(quantity))
  if (troughs.length === 0 || troughs.some(value => value === undefined)) return undefined
  return {
    troughs: troughs as readonly number[],
    controlDrift: measureDrift(control, quantity),
    secondsPerIteration: computeSecondsPerIteration(iterations),
    unit: quantity.unit,
  }
}

// A cache that has no row holds nothing. A cgroup that is not there is another matter: its name may come back as another one.
const getValueWhenAbsent = ({ group }: Quantity): number | undefined => (group === 'cache' ? 0 : undefined)

// Change per second over the control period; 0 where it was not measured twice.
function measureDrift(control: readonly CounterValues[], { id }: Quantity): number {
  const points = control.flatMap(({ time, quantities }) => {
    const value = quantities.get(id)?.value
    return value === undefined ? [] : [{ time, value }]
  })
  const [first, last] = [points[0], points.at(-1)]
  return first && last && last.time > first.time ? ((last.value - first.value) * 1000) / (last.time - first.time) : 0
}

function computeSecondsPerIteration(iterations: readonly Iteration[]): number {
  const total = iterations.reduce((sum, { begin, settledAt }) => sum + settledAt - begin, 0)
  return iterations.length === 0 ? 0 : total / iterations.length / 1000
}
