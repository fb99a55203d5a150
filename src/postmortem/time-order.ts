// Puts kills and events in order of time. Within a boot the kernel's own clock decides: the wall clock may be set. Pure.
import type { LogLocation } from './logs/log-contents.ts'

interface Located {
  readonly location: LogLocation
}

/** Returns the items in order of time. Items without a time keep their position. */
export function sortByTime<T extends Located>(items: readonly T[]): readonly T[] {
  const offsets = findOffsets(items)
  const getTime = ({ location: { boot, wall, bootSeconds } }: T): number | null => {
    const offset = offsets.get(boot)
    return bootSeconds !== null && offset !== undefined ? offset + bootSeconds * 1000 : wall
  }
  const times = new Map(items.map(item => [item, getTime(item)]))
  const isDated = [...times.values()].every(time => time !== null)
  return items.toSorted((a, b) => (isDated ? times.get(a)! - times.get(b)! : compareInBoots(a.location, b.location)))
}

// Milliseconds since 1970 at which each boot began, by its last line with both clocks: one for the whole boot.
function findOffsets(items: readonly Located[]): ReadonlyMap<number, number> {
  const dated = items.flatMap(({ location: { boot, wall, bootSeconds } }) =>
    wall === null || bootSeconds === null ? [] : [{ boot, bootSeconds, offset: wall - bootSeconds * 1000 }],
  )
  return new Map(dated.toSorted((a, b) => a.bootSeconds - b.bootSeconds).map(({ boot, offset }) => [boot, offset]))
}

const compareInBoots = (a: LogLocation, b: LogLocation): number =>
  a.boot - b.boot || (a.bootSeconds ?? 0) - (b.bootSeconds ?? 0)
