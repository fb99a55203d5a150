// Series: a number over time, as a step function. Bounded, and it spans the whole session: what is old gets coarser.

/**
 * Points of one number over time, oldest first; between two points the earlier value holds.
 * Immutable to its readers: `push` gives a new Series that shares the buffer of the old one.
 */
export interface Series {
  readonly times: number[]
  readonly values: number[]
  /** points that belong to this Series; the shared buffers may hold later ones */
  readonly length: number
  /** how many points may stand before the old ones are thinned */
  readonly capacity: number
}

// When full, a point is kept if none stands within its age / (capacity / 10): a point of age a has neighbours within a / 40.
const THIN_RATIO = 0.1

/** An empty Series; `capacity` bounds its points whatever the session's length. */
export function createSeries(capacity = 1200): Series {
  return { times: [], values: [], length: 0, capacity }
}

/** The Series with one more point. An unchanged value is not stored again, so a quiet series costs nothing. */
export function appendPoint(series: Series, time: number, value: number): Series {
  const { length, capacity } = series
  if (length === 0) return { times: [time], values: [value], length: 1, capacity } // an array that is pushed to has room for 16 more
  if (series.values[length - 1] === value) return series
  if (time < series.times[length - 1]!) return series // a clock never runs backwards here
  const owned = series.times.length === length ? series : copyPoints(series, length)
  const room = length < capacity ? owned : thinPoints(owned, time)
  room.times.push(time)
  room.values.push(value)
  return { times: room.times, values: room.values, length: room.times.length, capacity }
}

function copyPoints(series: Series, length: number): Series {
  return { ...series, times: series.times.slice(0, length), values: series.values.slice(0, length) }
}

// Keeps a point only when it stands at least age / (capacity / 10) after the one kept before: resolution follows age.
function thinPoints(series: Series, now: number): Series {
  const times: number[] = []
  const values: number[] = []
  const spacingPerAge = 1 / (series.capacity * THIN_RATIO)
  let lastKept = Number.NEGATIVE_INFINITY
  for (let i = 0; i < series.length; i++) {
    const time = series.times[i]!
    if (time - lastKept < (now - time) * spacingPerAge) continue
    times.push(time)
    values.push(series.values[i]!)
    lastKept = time
  }
  return { ...series, times, values, length: times.length }
}

/** The value that held at `time`; undefined before the first point. */
export function getValueAt(series: Series, time: number): number | undefined {
  let low = 0
  let high = series.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (series.times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low === 0 ? undefined : series.values[low - 1]
}

/** The newest value; undefined when empty. */
export function getLatest(series: Series | undefined): number | undefined {
  return series && series.length > 0 ? series.values[series.length - 1] : undefined
}

/** Time of the first point; undefined when empty. */
export function getFirstTime(series: Series): number | undefined {
  return series.length > 0 ? series.times[0] : undefined
}

/** The last time the number stood below `level`: since when it does not; the first time when it never did. NaN when empty. */
export function findLastBelow(series: Series, level: number): number {
  for (let i = series.length - 1; i > 0; i--) if (series.values[i - 1]! < level) return series.times[i]!
  return series.times[0] ?? Number.NaN
}

/** `count` values that held at equal steps from `begin` to `end`; undefined where the series had not begun. */
export function sampleSeries(series: Series, begin: number, end: number, count: number): (number | undefined)[] {
  const step = count > 1 ? (end - begin) / (count - 1) : 0
  return Array.from({ length: count }, (_, i) => getValueAt(series, begin + i * step))
}

/** Every point in [begin, end], and before them the value that held at `begin`. */
export function slicePoints(series: Series, begin: number, end: number): { times: number[]; values: number[] } {
  const times: number[] = []
  const values: number[] = []
  const initial = getValueAt(series, begin)
  if (initial !== undefined) {
    times.push(begin)
    values.push(initial)
  }
  for (let i = 0; i < series.length; i++) {
    const time = series.times[i]!
    if (time <= begin || time > end) continue
    times.push(time)
    values.push(series.values[i]!)
  }
  return { times, values }
}

/** The most that values fell from one of them to a later one; 0 when they never fell. */
export function computeLargestFall(values: readonly number[]): number {
  let [high, fall] = [Number.NEGATIVE_INFINITY, 0]
  for (const value of values) {
    high = Math.max(high, value)
    fall = Math.max(fall, high - value)
  }
  return fall
}

/** Change per second between `time - span` and `time`, for counters; undefined until there are two points, never negative. */
export function computeRate(series: Series | undefined, time: number, span: number): number | undefined {
  const first = series && getFirstTime(series)
  if (series === undefined || first === undefined || time <= first) return undefined
  const begin = Math.max(first, time - span)
  const rise = getValueAt(series, time)! - getValueAt(series, begin)!
  return Math.max(0, (rise * 1000) / (time - begin))
}
