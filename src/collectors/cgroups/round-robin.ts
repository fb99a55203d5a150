// Rotation: everybody gets a turn within a period, spread evenly over looks whatever the time between them.

/** Seconds of which a look makes up for what was not read: of a late one three at most. */
export const computeCatchUpFactor = (elapsed: number): number => Math.min(3, Math.max(1, elapsed / 1000))

/** Takes the next ones of a list that may grow and shrink meanwhile. */
export class RoundRobin {
  private position = 0
  private credit = 0
  private readonly period: number
  private readonly maxPerSecond: number

  /**
   * @param period milliseconds in which each has had its turn
   * @param maxPerSecond in a second: of a longer list the round takes longer. A late look makes up for three seconds at most,
   *   so that a machine on which looks are slow is not asked for ever more at each
   */
  constructor(period: number, maxPerSecond: number) {
    this.period = period
    this.maxPerSecond = maxPerSecond
  }

  /** Those whose turn it is, when `elapsed` milliseconds have passed since the last call. `share`: of the most, so many. */
  selectDue<T>(all: readonly T[], elapsed: number, share = 1): readonly T[] {
    const due = this.credit + (all.length * Math.min(elapsed, this.period)) / this.period
    const limit = Math.ceil(this.maxPerSecond * share * computeCatchUpFactor(elapsed))
    const count = Math.min(Math.round(due), all.length, limit)
    this.credit = Math.max(-1, Math.min(1, due - count)) // a share of one that is carried on; never a debt of many
    if (count === 0) return []
    const from = this.position % all.length
    this.position = from + count
    const selected = all.slice(from, from + count)
    return selected.length < count ? [...selected, ...all.slice(0, count - selected.length)] : selected
  }
}
