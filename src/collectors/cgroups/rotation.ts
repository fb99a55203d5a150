// Rotation: everybody gets a turn within a period, spread evenly over looks whatever the time between them.

/** Seconds of which a look makes up for what was not read: of a late one three at most. */
export const overdue = (elapsed: number): number => Math.min(3, Math.max(1, elapsed / 1000))

/** Takes the next ones of a list that may grow and shrink meanwhile. */
export class Rotation {
  private at = 0
  private credit = 0
  private readonly period: number
  private readonly most: number

  /**
   * @param period milliseconds in which each has had its turn
   * @param most in a second: of a longer list the round takes longer. A late look makes up for three seconds at most,
   *   so that a machine on which looks are slow is not asked for ever more at each
   */
  constructor(period: number, most: number) {
    this.period = period
    this.most = most
  }

  /** Those whose turn it is, when `elapsed` milliseconds have passed since the last call. `share`: of the most, so many. */
  take<T>(all: readonly T[], elapsed: number, share = 1): readonly T[] {
    const due = this.credit + (all.length * Math.min(elapsed, this.period)) / this.period
    const most = Math.ceil(this.most * share * overdue(elapsed))
    const count = Math.min(Math.round(due), all.length, most)
    this.credit = Math.max(-1, Math.min(1, due - count)) // a share of one that is carried on; never a debt of many
    if (count === 0) return []
    const from = this.at % all.length
    this.at = from + count
    const taken = all.slice(from, from + count)
    return taken.length < count ? [...taken, ...all.slice(0, count - taken.length)] : taken
  }
}
