// Kills that only a counter saw: what is left of the counts when the lines of the log have taken theirs.
import { isWithin } from '../../base/paths.ts'
import type { History } from '../../history.ts'
import { findKillPath } from './kill-path.ts'

/** A rise of a kill counter, from which the logged kills are subtracted. Times are session milliseconds. */
export interface CounterIncrease {
  readonly path: string
  readonly after: number
  readonly time: number
  count: number
}

/** ms by which the kernel's clock, its counters and our sample may differ */
export const CLOCK_TOLERANCE = 500

/**
 * Returns the newest of the counts that are left, `left` in all. In a storm of kills on a slow node a line of the log comes up to
 * seconds after its count, and a kill may take the count of another one: what is left over is then no other kill. So there are never
 * more than counts without a line.
 */
export function takeUnlogged(
  rises: readonly CounterIncrease[],
  left: number,
  waitUntil: number,
): readonly CounterIncrease[] {
  let rest = left
  return rises.toReversed().flatMap(rise => {
    const count = rise.time <= waitUntil ? Math.min(rise.count, Math.max(0, rest)) : 0
    rest -= count
    return count > 0 ? [{ ...rise, count }] : []
  })
}

/** Returns the sum of the counts until a time. */
export const sumCounts = (rises: readonly CounterIncrease[], waitUntil: number): number =>
  rises.reduce((sum, { count, time }) => sum + (time <= waitUntil ? count : 0), 0)

/**
 * Returns the rises of each cgroup that no line explains.
 * @param own what is left of the counts
 * @param counts the counts themselves
 */
export function listUnloggedByCgroup(
  own: readonly CounterIncrease[],
  counts: readonly CounterIncrease[],
  history: History,
  waitUntil: number,
): readonly CounterIncrease[] {
  const open = own.filter(({ count, time }) => count > 0 && time <= waitUntil)
  if (open.length === 0) return []
  const countsByPath = Map.groupBy(counts, ({ path }) => path)
  const lines = history.kmsg.oomKills.map(kill => ({ ...kill, path: findKillPath(kill, history) }))
  return Array.from(Map.groupBy(open, ({ path }) => path)).flatMap(([path, rises]) => {
    const all = countsByPath.get(path)!
    // the lines of a cgroup whose own counter was not seen to rise are in the count of its ancestor
    const isCounted = (logged: string | null): boolean =>
      logged === null || logged === path || (isWithin(logged, path) && !countsByPath.has(logged))
    const logged = lines.filter(one => one.time > all[0]!.after - CLOCK_TOLERANCE && isCounted(one.path))
    const left = sumCounts(all, waitUntil) - logged.reduce((sum, { killedLines }) => sum + killedLines, 0)
    return takeUnlogged(rises, left, waitUntil)
  })
}
