// One report, one event: pieces of a torn report are no reports without a kill. Pure.
import type { MemoryEvent, OomWithoutKill } from '../collectors/kmsg/memory-event.ts'
import type { OomKill } from '../collectors/kmsg/oom/oom-kill.ts'
import type { LocatedEvent, LocatedKill, LogLocation } from './logs/log-contents.ts'

type Fragment = MemoryEvent & OomWithoutKill

const MAX_APART = 120_000

/** Returns the events without those that are a piece of a kill, or of a piece before them. */
export function removeFragments(
  kills: readonly LocatedKill[],
  events: readonly LocatedEvent[],
): readonly LocatedEvent[] {
  const fragments = events.filter(isFragment)
  const headless = kills.filter(({ kill }) => kill.invoker === null)
  const dropped = new Set<LocatedEvent>()
  for (const { kill, location } of headless) dropOwnPieces(kill, location, fragments, dropped)
  for (const { kill, location } of kills) dropReaped(kill, location, events, dropped)
  dropRepeated(
    fragments.filter(one => !dropped.has(one)),
    dropped,
  )
  return events.filter(event => !dropped.has(event))
}

const SAME_REPORT = 10_000

/**
 * Returns the pieces of kills that another file has, each with that kill: two files may have one report, each a part of it.
 * @param isSameMachine of the boots of two locations
 */
export function findSharedFragments(
  kills: readonly LocatedKill[],
  events: readonly LocatedEvent[],
  isSameMachine: (a: LogLocation, b: LogLocation) => boolean,
): ReadonlyMap<LocatedEvent, LocatedKill> {
  const shared = new Map<LocatedEvent, LocatedKill>()
  for (const one of events.filter(isFragment)) {
    const whole = kills.find(
      ({ kill, location }) =>
        location.file !== one.location.file &&
        canBePieceOf(one.event, kill) &&
        isSameInvoker(one.event, kill) &&
        isAtSameTime(one.location, location) &&
        isSameMachine(one.location, location),
    )
    if (whole) shared.set(one, whole)
  }
  return shared
}

function isSameInvoker({ invoker: a }: Fragment, { invoker: b }: OomKill): boolean {
  if (a === null || b === null) return true
  return a.comm === b.comm && (a.pid === null || b.pid === null || a.pid === b.pid)
}

function isAtSameTime(a: LogLocation, b: LogLocation): boolean {
  if (a.bootSeconds !== null && b.bootSeconds !== null)
    return Math.abs(a.bootSeconds - b.bootSeconds) * 1000 <= SAME_REPORT
  return a.wall !== null && b.wall !== null && Math.abs(a.wall - b.wall) <= SAME_REPORT
}

type LocatedFragment = LocatedEvent & { readonly event: Fragment }

const isFragment = (one: LocatedEvent): one is LocatedFragment =>
  one.event.kind === 'oom-without-kill' && one.event.reason === 'the end is not in the log'

// The pieces before a kill, back to the first line of its report.
function dropOwnPieces(
  kill: OomKill,
  location: LogLocation,
  fragments: readonly LocatedFragment[],
  dropped: Set<LocatedEvent>,
): void {
  const before = fragments.filter(one => isBefore(one.location, location) && !dropped.has(one))
  for (const one of before.toReversed()) {
    if (!canBePieceOf(one.event, kill)) return
    dropped.add(one)
    if (one.event.invoker !== null) return
  }
}

function isBefore(a: LogLocation, b: LogLocation): boolean {
  if (a.boot !== b.boot || a.file !== b.file || a.line > b.line) return false
  if (a.bootSeconds !== null && b.bootSeconds !== null)
    return Math.abs(b.bootSeconds - a.bootSeconds) * 1000 <= MAX_APART
  return a.wall === null || b.wall === null || Math.abs(b.wall - a.wall) <= MAX_APART
}

function canBePieceOf({ chosen, global, oomMemcg }: Fragment, kill: OomKill): boolean {
  if (chosen !== null && chosen.pid !== kill.victim.pid) return false
  if (global !== null && kill.global !== null && global !== kill.global) return false
  return oomMemcg === null || kill.oomMemcg === null || oomMemcg === kill.oomMemcg
}

// oom_reaper's line of a kill that was given out before it came
function dropReaped(
  { victim, alsoKilled }: OomKill,
  { boot }: LogLocation,
  events: readonly LocatedEvent[],
  dropped: Set<LocatedEvent>,
): void {
  for (const one of events) {
    const { event, location } = one
    if (event.kind !== 'oom-reaped' || location.boot !== boot) continue
    const isOwn = [victim, ...alsoKilled].some(({ pid, comm }) => pid === event.count && comm === event.subject)
    if (isOwn) dropped.add(one)
  }
}

// A piece without a first line goes on with the piece before it.
function dropRepeated(fragments: readonly LocatedFragment[], dropped: Set<LocatedEvent>): void {
  for (const [i, one] of fragments.entries()) {
    const before = fragments[i - 1]
    if (!before || one.event.invoker !== null || !isBefore(before.location, one.location)) continue
    if (before.event.chosen !== null || !isSameScope(before.event, one.event)) continue
    dropped.add(one.event.chosen !== null ? before : one)
  }
}

function isSameScope(a: Fragment, b: Fragment): boolean {
  const isOther = <T>(one: T | null, other: T | null): boolean => one !== null && other !== null && one !== other
  return !isOther(a.global, b.global) && !isOther(a.oomMemcg, b.oomMemcg)
}
