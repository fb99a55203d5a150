// Round robin: every item gets a turn within a period, spread evenly over samples whatever the time between them.

/** Returns how many seconds' worth of reads a sample may do: one, or up to three if it is late. */
export const computeCatchUpFactor = (elapsed: number): number => Math.min(3, Math.max(1, elapsed / 1000))

/** Selects the next items of a list that may grow and shrink between calls. */
export class RoundRobin {
  private position = 0
  private credit = 0
  private readonly period: number
  private readonly maxPerSecond: number

  /**
   * @param period milliseconds in which each item gets its turn
   * @param maxPerSecond most items per second; a longer list takes longer than a period. A late sample makes up for three seconds at
   *   most, so that slow samples do not grow without bound
   */
  constructor(period: number, maxPerSecond: number) {
    this.period = period
    this.maxPerSecond = maxPerSecond
  }

  /** Returns the items that `selectDue` would return, and takes no turn. */
  peekDue<T>(all: readonly T[], elapsed: number, share = 1): readonly T[] {
    const { position, credit } = this
    const due = this.selectDue(all, elapsed, share)
    this.position = position
    this.credit = credit
    return due
  }

  /** Returns the items whose turn it is, `elapsed` milliseconds after the last call. `share` scales `maxPerSecond`. */
  selectDue<T>(all: readonly T[], elapsed: number, share = 1): readonly T[] {
    const due = this.credit + (all.length * Math.min(elapsed, this.period)) / this.period
    const limit = Math.ceil(this.maxPerSecond * share * computeCatchUpFactor(elapsed))
    const count = Math.min(Math.round(due), all.length, limit)
    this.credit = Math.max(-1, Math.min(1, due - count)) // carry the fraction of an item, never a debt of many
    if (count === 0) return []
    const from = this.position % all.length
    this.position = from + count
    const selected = all.slice(from, from + count)
    return selected.length < count ? [...selected, ...all.slice(0, count - selected.length)] : selected
  }
}
