// The corpus: labelled simulations of a node's unreclaimable slab, each drawn by a seed. A new kind of node is an entry in `KINDS`.
import { createRandom } from '../../test/seeded-random.ts'
import { GAUGES, type Gauge, type Gauges, GiB, MiB, type SampleTimes, type SimNode } from './node.ts'
import * as c from './signals.ts'
import { KINDS_WITHOUT_LEAK, SPECIAL_KINDS, SPECIAL_SIZES } from './special-nodes.ts'

const { DAY, HOUR, MINUTE } = c

/** A session with its known truth. Times are session ms. */
export interface CorpusCase {
  readonly name: string
  readonly seed: number
  readonly node: SimNode
  readonly samples: SampleTimes
  /** the leak: its kind, when it begins, its cache, the bytes leaked at a time (on the whole), and when memory is used up */
  readonly leak?: {
    readonly kind: LeakPattern
    readonly begin: number
    /** the cache it is in, or the counter of its own */
    readonly cache: string
    readonly gauge?: Gauge
    readonly taken: (time: number) => number
    readonly gone: number
  }
  /** growth that levels off or is freed: a warning that resolves is allowed while it lasts */
  readonly growths: readonly (readonly [begin: number, end: number])[]
}

type Random = () => number

/** What a kind of node adds to a quiet one. */
interface NodeProfile {
  readonly others?: readonly c.Signal[]
  readonly gauges?: Gauges
  readonly inodes?: c.Signal
  readonly pageCache?: c.Signal
  readonly anon?: c.Signal
  readonly drops?: readonly number[]
  /** times at which the counters of vmstat restart at 0 */
  readonly resets?: readonly number[]
  readonly growths?: CorpusCase['growths']
  readonly uptime?: number
  /** lines of meminfo and counters of vmstat that this kind has beside or instead of the usual ones, and readings of other files */
  readonly lines?: NonNullable<SimNode['lines']>
  readonly counters?: NonNullable<SimNode['counters']>
  readonly readings?: NonNullable<SimNode['readings']>
  /** the mount table, read with the first meminfo */
  readonly mountinfo?: string
  readonly samples?: (samples: SampleTimes, random: Random) => SampleTimes
}

interface CaseParameters {
  readonly total: number
  readonly length: number
  readonly random: Random
}
export type Kind = (frame: CaseParameters) => NodeProfile

const drawBetween = (random: Random, low: number, high: number): number => low + random() * (high - low)
const drawLogBetween = (random: Random, low: number, high: number): number => low * (high / low) ** random()
const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!
const listTimes = (length: number, period: number, from: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.ceil((length - from) / period)) }, (_, i) => from + i * period)

/** Kinds of nodes without a leak, by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  quiet: () => ({}),
  'long memory': ({ total, random }) => ({
    others: [c.createLongMemory(random, drawBetween(random, 0.0002, 0.001) * total)],
  }),
  'saw-tooth': ({ total, length, random }) => {
    const [height, period] = [drawBetween(random, 0.001, 0.012) * total, drawLogBetween(random, 20 * MINUTE, 8 * HOUR)]
    const phase = random()
    const first = (1 - phase) * period
    const teeth: CorpusCase['growths'] = [
      [0, Math.min(length, first)],
      [first, Math.min(length, first + period)],
    ]
    return { others: [c.createSawTooth(height, period, phase)], growths: teeth }
  },
  'daily wave': ({ total, random }) => ({
    others: [c.createWave(drawBetween(random, 0.002, 0.015) * total, random())],
  }),
  deploys: ({ total, random }) => ({
    others: [
      c.createDeploys(
        random,
        drawBetween(random, 0.0002, 0.0008) * total,
        drawLogBetween(random, 20 * MINUTE, 6 * HOUR),
      ),
    ],
  }),
  'cron find': ({ total, length, random }) => ({
    inodes: c.createVisits(
      drawBetween(random, 0.02, 0.15) * total,
      drawBetween(random, 0.05, 0.5) * length,
      DAY / 2,
      2 * HOUR,
    ),
  }),
  drop_caches: ({ total, length, random }) => {
    const drops = listTimes(length, drawLogBetween(random, HOUR, DAY / 2), HOUR * random())
    const since = (time: number): number => time - (drops.findLast(at => at <= time) ?? -HOUR)
    const warm = (time: number): number => 1 - Math.exp(-since(time) / (20 * MINUTE))
    return {
      drops,
      inodes: time => 0.05 * total * warm(time),
      pageCache: time => 0.3 * total * warm(time),
      others: [time => 0.0005 * total * warm(time)],
    }
  },
  'warm-up after boot': ({ total, random }) => {
    const constant = drawBetween(random, 4, 40) * MINUTE
    return {
      uptime: 60,
      others: [c.createSaturation(drawBetween(random, 0.002, 0.02) * total, 0, constant)],
      pageCache: c.createSaturation(0.35 * total, 0, constant),
      growths: [[0, 5 * constant]],
    }
  },
  plateau: ({ total, length, random }) => {
    const begin = drawBetween(random, 0.1, 0.6) * length
    const constant = drawLogBetween(random, 3 * MINUTE, 0.1 * length)
    return {
      others: [c.createSaturation(drawBetween(random, 0.002, 0.04) * total, begin, constant)],
      growths: [[begin, begin + 5 * constant]],
    }
  },
  'ramp that ends': ({ total, length, random }) => {
    const begin = drawBetween(random, 0.1, 0.5) * length
    const end = begin + drawLogBetween(random, 10 * MINUTE, 0.4 * length)
    return { others: [c.createRamp(drawBetween(random, 0.002, 0.05) * total, begin, end)], growths: [[begin, end]] }
  },
  'missing samples': ({ total, random }) => ({
    others: [c.createWave(0.004 * total, random()), c.createLongMemory(random, 0.0002 * total)],
    samples: (samples, own) => {
      const holes = Array.from({ length: 3 }, () => own() * samples.at(-1)!)
      return samples.filter(
        time =>
          own() > 0.1 &&
          !holes.some(hole => time > hole && time < hole + Math.min(90 * MINUTE, 0.05 * samples.at(-1)!)),
      )
    },
  }),
  'irregular samples': ({ total, random }) => ({
    others: [c.createLongMemory(random, 0.0003 * total)],
    samples: (samples, own) => samples.filter(() => own() < 0.5),
  }),
  batches: ({ total, random }) => {
    const period = drawLogBetween(random, 10 * MINUTE, 8 * HOUR)
    const height = drawBetween(random, 0.001, 0.01) * total
    const first: CorpusCase['growths'] = [[0, 1.4 * period]] // nobody can know yet that it comes back
    return { others: [c.createBatches(random, height, period, drawBetween(random, 0.1, 0.6))], growths: first }
  },
  processes: ({ total, random }) => ({
    gauges: {
      PageTables: c.sumSignals(
        c.createWave(drawBetween(random, 0.001, 0.006) * total, random()),
        c.createDeploys(random, 0.001 * total, drawLogBetween(random, 20 * MINUTE, 6 * HOUR)),
      ),
      KernelStack: c.createDeploys(
        random,
        drawBetween(random, 0.0002, 0.001) * total,
        drawLogBetween(random, 20 * MINUTE, 6 * HOUR),
      ),
      Percpu: c.createDeploys(random, 0.001 * total, drawLogBetween(random, HOUR, 6 * HOUR)),
      VmallocUsed: c.createLongMemory(random, 0.0003 * total),
      unaccounted: c.createLongMemory(random, drawBetween(random, 0.0003, 0.002) * total),
    },
  }),
  releases: ({ total, length, random }) => {
    const times = listTimes(length, drawLogBetween(random, 2 * HOUR, DAY), 4 * HOUR * random())
    const since = (time: number): number => time - (times.findLast(at => at <= time) ?? -DAY)
    const height = drawBetween(random, 0.002, 0.02) * total
    const back = drawLogBetween(random, 5 * MINUTE, 3 * HOUR)
    const first = times[0] ?? 0
    return {
      drops: times,
      resets: times,
      others: [time => height * (1 - Math.exp(-since(time) / back))],
      growths: [[first, first + 5 * back]],
    }
  },
  'new level': ({ total, length, random }) => {
    const begin = drawBetween(random, 0.1, 0.8) * length
    return {
      others: [
        c.createRamp(
          drawBetween(random, 0.001, 0.02) * total,
          begin,
          begin + drawLogBetween(random, 10_000, 10 * MINUTE),
        ),
      ],
      growths: [[begin, begin + 10 * MINUTE]],
    }
  },
  'week-end': ({ total, random }) => ({
    others: [
      c.createWave(drawBetween(random, 0.002, 0.01) * total, random()),
      c.createWave(drawBetween(random, 0.002, 0.01) * total, random(), 7 * DAY),
    ],
  }),
  'load test': ({ total, length, random }) => {
    const [begin, minutes] = [drawBetween(random, 0.2, 0.6) * length, drawBetween(random, 5, 40) * MINUTE]
    const height = drawBetween(random, 0.002, 0.02) * total
    const up = c.createRamp(height, begin, begin + minutes)
    const down = c.createRamp(height, begin + 2 * minutes, begin + 2 * minutes + 3 * MINUTE)
    return {
      others: [time => up(time) - down(time)],
      anon: time => 0.25 * total + 4 * (up(time) - down(time)),
      growths: [[begin, begin + minutes]],
    }
  },
  ...SPECIAL_KINDS,
}

/** Whether a leak upon a node of a kind can be seen at all. */
export const canLeak = (kind: string): boolean => !KINDS_WITHOUT_LEAK.has(kind)

export const LEAKS = [
  'steady',
  'fast',
  'bursty',
  'stepping',
  'with load',
  'with restarts',
  'accelerating',
  'beside slab',
] as const
type LeakPattern = (typeof LEAKS)[number]

const CACHES = ['kmalloc-64', 'filp', 'kmalloc-2k', 'ebitmap_node', 'sigqueue', 'vm_area_struct'] as const
const SIZES = [2, 4, 16, 24, 64, 256, 377, 1024, 2048]

/** Milliseconds between samples, by the length of the case. */
const STEPS = [
  { below: 8 * HOUR, step: 10_000 },
  { below: 2 * DAY, step: 30_000 },
  { below: Number.POSITIVE_INFINITY, step: 60_000 },
]

/** One case, drawn by its seed: a kind of node, and a leak upon it or none. */
export function drawCase(kind: string, leak: LeakPattern | undefined, seed: number): CorpusCase {
  const random = createRandom(seed)
  const total = pick(random, SPECIAL_SIZES[kind] ?? SIZES) * GiB
  const length = leak === 'fast' ? drawLogBetween(random, HOUR, 6 * HOUR) : drawLogBetween(random, 6 * HOUR, 7 * DAY)
  const draft = KINDS[kind]!({ total, length, random })
  const step = STEPS.find(({ below }) => length < below)!.step
  const regular = Array.from({ length: Math.floor(length / step) }, (_, i) => i * step)
  const samples = draft.samples?.(regular, createRandom(seed + 1)) ?? regular
  const drawn = leak && drawLeak(leak, { total, length, random }, SPECIAL_SIZES[kind] !== undefined)
  const rest: c.Signal = c.sumSignals(
    () => 0.004 * total + 40 * MiB,
    c.createNoise(random, Math.max(0.3 * MiB, 4e-6 * total), 5 * MINUTE),
    ...(draft.others ?? []),
  )
  const cache = pick(random, CACHES)
  const gauge = leak === 'beside slab' ? pick(random, GAUGES) : undefined
  const split = (share: number): c.Signal => memoize(rest, share)
  const caches: Record<string, { signal: c.Signal; objSize: number }> = {
    task_struct: { signal: split(0.3), objSize: 9600 },
    'kmalloc-512': { signal: split(0.5), objSize: 512 },
    [cache]: { signal: drawn && !gauge ? c.sumSignals(split(0.2), drawn.signal) : split(0.2), objSize: 64 },
  }
  const { others: _, samples: __, growths = [], uptime = 900_000, gauges = {}, ...given } = draft
  const own = drawn && gauge ? { [gauge]: c.sumSignals(gauges[gauge] ?? (() => 0), drawn.signal) } : {}
  const truth = leak &&
    drawn && {
      kind: leak,
      cache,
      ...(gauge ? { gauge } : {}),
      begin: drawn.begin,
      taken: drawn.taken,
      gone: drawn.gone,
    }
  return {
    name: leak ? `${leak} leak under ${kind}` : kind,
    seed,
    node: { total, uptime, caches, gauges: { ...gauges, ...own }, ...given },
    samples,
    growths,
    ...(truth ? { leak: truth } : {}),
  }
}

// Several caches share one signal; it is computed once per time.
function memoize(signal: c.Signal, share: number): c.Signal {
  const at = memo.get(signal) ?? { time: Number.NaN, value: 0 }
  memo.set(signal, at)
  return time => {
    if (at.time !== time) Object.assign(at, { time, value: signal(time) })
    return share * at.value
  }
}
const memo = new WeakMap<c.Signal, { time: number; value: number }>()

// A leak matters if it gains 1.5 % of RAM (and 400 MiB) within a day, a quarter of a percent an hour (and 64 MiB) where less than
// a day is left to see it (a slower one may be the first half of a daily wave), or uses up the memory within the session.
// On a small node less matters: 1.2 % of RAM an hour, or a tenth of it a day.
function drawLeak(leak: LeakPattern, { total, length, random }: CaseParameters, isSmall: boolean) {
  const begin = drawBetween(random, 0.1, 0.35) * length
  const rest = length - begin
  const left = 0.7 * total
  const [hourly, daily] = isSmall ? [0.012 * total, 0.1 * total] : [64 * MiB, 400 * MiB]
  const least = rest < DAY ? Math.max(0.0025 * total, hourly) : Math.max(0.015 * total, daily) / 24
  const most = (left / (rest / HOUR)) * 1.5
  const perHour =
    leak === 'fast' ? left / drawBetween(random, 0.3, 2) : Math.max(least, drawLogBetween(random, least, most))
  const gap = (least * 0.1 * rest) / HOUR / perHour
  const pause = Math.max(5 * MINUTE, Math.min(0.04 * rest, gap * HOUR))
  const whole = c.createSteadyLeak(perHour, begin)
  const phase = random() * 6.28
  // Leaks with one average rate are described by that rate.
  const signals: Record<LeakPattern, readonly [signal: c.Signal, taken?: c.Signal]> = {
    steady: [whole],
    fast: [whole],
    bursty: [c.createBurstyLeak(random, perHour, begin, pause), whole],
    stepping: [c.createSteppedLeak(perHour, begin, pause), whole],
    'with load': [c.createLoadLeak(perHour, begin, phase)],
    'with restarts': [c.createRestartLeak(perHour, begin, pause * 2, drawBetween(random, 0.2, 0.7)), whole],
    accelerating: [c.createAcceleratingLeak(perHour, begin, rest)],
    'beside slab': [whole],
  }
  const [signal, taken = signal] = signals[leak]
  const room = left - 0.03 * total
  return {
    begin,
    signal,
    taken,
    gone: leak === 'accelerating' ? findTime(taken, room, begin) : begin + (room / perHour) * HOUR,
  }
}

/** Finds the time at which a rising signal reaches a value, by bisection. */
export function findTime(signal: c.Signal, value: number, from: number): number {
  let [low, high] = [from, from + HOUR]
  while (signal(high) < value) high = from + 2 * (high - from)
  while (high - low > c.SECOND) {
    const middle = (low + high) / 2
    if (signal(middle) < value) low = middle
    else high = middle
  }
  return high
}
