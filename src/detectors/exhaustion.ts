// Exhaustion: when a growth will have used up the memory, and how loud that is.
import type { History } from '../history.ts'

const HOUR = 3_600_000
/** Share of RAM that is as good as gone: with less left a node reclaims instead of working. */
const RESERVE = 0.03

/** Bytes that can still be taken; undefined when not known. */
export function roomLeft(history: History): number | undefined {
  const { values } = history.meminfo
  const available = values.get('MemAvailable') ?? availableOf(values)
  return available === undefined ? undefined : Math.max(0, available - RESERVE * (values.get('MemTotal') ?? 0))
}

/** MemAvailable as the kernel reckons it (3.14 on), for those that do not tell it: free, cache but for shmem, half of reclaimable slab. */
export function availableOf(values: ReadonlyMap<string, number>): number | undefined {
  const free = values.get('MemFree')
  if (free === undefined) return undefined
  const of = (name: string): number => values.get(name) ?? 0
  const cache = Math.max(0, of('Cached') + of('Buffers') - of('Shmem') - of('Mlocked'))
  return free + cache / 2 + of('SReclaimable') / 2
}

/** Milliseconds until no memory is left at this pace; undefined when it does not grow. */
export function timeLeft(history: History, perHour: number): number | undefined {
  const room = roomLeft(history)
  return perHour <= 0 || room === undefined ? undefined : (room / perHour) * HOUR
}

/**
 * Whether a growth is critical: at its pace the memory ends within `hours`, and what it took already bears that out. A growth
 * that took little of what there was may yet level off, unless the end is so near that waiting is worse.
 */
export function isCritical(left: number | undefined, growth: number, room: number | undefined, hours: number): boolean {
  if (left === undefined || room === undefined || left > hours * HOUR) return false
  const taken = growth / Math.max(1, growth + room)
  const needed = 0.015 + 0.135 * Math.min(1, Math.max(0, left / HOUR - 1))
  return taken >= needed
}
