// Series: a number over time, as a step function. Bounded, and spans the whole session: old parts become coarser.

/**
 * Points of one number over time, oldest first; between two points the earlier value holds.
 * Immutable for its readers: `appendPoint` returns a new Series that shares the buffer of the old one.
 */
export interface Series {
  readonly times: number[]
  readonly values: number[]
  /** points that belong to this Series; the shared buffers may hold later ones */
  readonly length: number
  /** maximum number of points; old ones are thinned when it is reached */
  readonly capacity: number
}

// When the series is full, a point is kept if no kept point is within its age / (capacity / 10): a point of age a has neighbours
// within a / 40.
const THIN_RATIO = 0.1

/** Creates an empty Series; `capacity` bounds its points however long the session is. */
export function createSeries(capacity = 1200): Series {
  return { times: [], values: [], length: 0, capacity }
}

/** Returns the Series with one more point. An unchanged value is not stored again, so a constant series costs nothing. */
export function appendPoint(series: Series, time: number, value: number): Series {
  return series.length > 0 && series.values[series.length - 1] === value ? series : pushPoint(series, time, value)
}

function pushPoint(series: Series, time: number, value: number): Series {
  const { length, capacity } = series
  if (length === 0) return { times: [time], values: [value], length: 1, capacity } // a literal: an array that is pushed to reserves room for 16 more
  if (time < series.times[length - 1]!) return series // session time never runs backwards
  const owned = series.times.length === length ? series : copyPoints(series, length)
  const room = length < capacity ? owned : thinPoints(owned, time)
  room.times.push(time)
  room.values.push(value)
  return { times: room.times, values: room.values, length: room.times.length, capacity }
}

/**
 * Returns the series by name, each with one more point, or as they are if no value changed. Series that are appended to
 * only in this way have points at the same times, also after thinning: what they sum to is true at every moment.
 */
export function appendTogether(
  series: Readonly<Record<string, Series>>,
  time: number,
  values: Readonly<Record<string, number>>,
): Readonly<Record<string, Series>> {
  const entries = Object.entries(values)
  if (entries.every(([name, value]) => getLatest(series[name]) === value)) return series
  return Object.fromEntries(
    entries.map(([name, value]) => [name, pushPoint(series[name] ?? createSeries(), time, value)]),
  )
}

function copyPoints(series: Series, length: number): Series {
  return { ...series, times: series.times.slice(0, length), values: series.values.slice(0, length) }
}

// Keeps a point only if it is at least age / (capacity / 10) after the last kept one: resolution falls with age.
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

/** Returns the number of points up to `time`: the index of the first one after it. */
export function countPointsUntil(series: Series, time: number): number {
  let low = 0
  let high = series.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (series.times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}

/** Returns the value at `time`; undefined before the first point. */
export function getValueAt(series: Series, time: number): number | undefined {
  const count = countPointsUntil(series, time)
  return count === 0 ? undefined : series.values[count - 1]
}

/** Returns the value at `time`, or the first one where the series begins later; undefined if empty. */
export const getValueOrFirst = (series: Series, time: number): number | undefined =>
  getValueAt(series, time) ?? (series.length > 0 ? series.values[0] : undefined)

/** Returns what a series gained since `time`, or since its first point where that is later; 0 if empty. */
export const computeGrowthSince = (series: Series, time: number): number =>
  (getLatest(series) ?? 0) - (getValueOrFirst(series, time) ?? 0)

/** Returns the newest value; undefined if empty. */
export function getLatest(series: Series | undefined): number | undefined {
  return series && series.length > 0 ? series.values[series.length - 1] : undefined
}

/** Returns the series with a value that held for a moment only, known from elsewhere, and so is between its points. */
export function insertMoment(series: Series, time: number, value: number): Series {
  const index = countPointsUntil(series, time)
  if (index === 0) return series
  const { times, values, length, capacity } = copyPoints(series, series.length)
  times.splice(index, 0, time, time)
  values.splice(index, 0, value, values[index - 1]!)
  return { times, values, length: length + 2, capacity: capacity + 2 }
}

/** Returns the time of the first point; undefined if empty. */
export function getFirstTime(series: Series): number | undefined {
  return series.length > 0 ? series.times[0] : undefined
}

/** Returns the time since which the value has been at least `level`; the first time if it never was below, NaN if empty. */
export function findLastBelow(series: Series, level: number): number {
  for (let i = series.length - 1; i > 0; i--) if (series.values[i - 1]! < level) return series.times[i]!
  return series.times[0] ?? Number.NaN
}

/** Returns `count` values at equal steps from `begin` to `end`; undefined before the first point. */
export function sampleSeries(series: Series, begin: number, end: number, count: number): (number | undefined)[] {
  const step = count > 1 ? (end - begin) / (count - 1) : 0
  return Array.from({ length: count }, (_, i) => getValueAt(series, begin + i * step))
}

/** Returns every point in [begin, end], preceded by the value at `begin`. */
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

/** Returns the largest fall from one value to a later one; 0 if they never fall. */
export function computeLargestFall(values: readonly number[]): number {
  let [high, fall] = [Number.NEGATIVE_INFINITY, 0]
  for (const value of values) {
    high = Math.max(high, value)
    fall = Math.max(fall, high - value)
  }
  return fall
}

/** Returns a counter's rise per second between `time - span` and `time`; undefined with fewer than two points, never negative. */
export function computeRate(series: Series | undefined, time: number, span: number): number | undefined {
  const first = series && getFirstTime(series)
  if (series === undefined || first === undefined || time <= first) return undefined
  const begin = Math.max(first, time - span)
  const rise = getValueAt(series, time)! - getValueAt(series, begin)!
  return Math.max(0, (rise * 1000) / (time - begin))
}
