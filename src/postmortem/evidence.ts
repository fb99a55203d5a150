// The evidence of all saved files together, in order of time. A kill that two logs report is one kill.
import { HOUR } from '../base/units.ts'
import type { MemoryEvent } from '../collectors/kmsg/memory-event.ts'
import type { OomKill } from '../collectors/kmsg/oom/oom-kill.ts'
import { findSharedFragments, removeFragments } from './fragments.ts'
import type {
  LocatedEvent,
  LocatedKill,
  LogContents,
  LogLocation,
  RelayedKill,
  RepeatedKill,
} from './logs/log-contents.ts'
import type { Snapshot, SnapshotKind } from './logs/pieces/snapshots.ts'
import type { SavedFiles } from './logs/read-saved-files.ts'
import { type BootPair, type MergedBoot, mergeBoots } from './merge-boots.ts'
import { sortByTime } from './time-order.ts'

/** All that was read from saved files. */
export interface LogEvidence {
  readonly inputs: SavedFiles['inputs']
  readonly boots: readonly MergedBoot[]
  /** in order of time; `boot` of a location is an index into `boots` */
  readonly kills: readonly LocatedKill[]
  readonly events: readonly LocatedEvent[]
  /** number of kills and events that are not kept in full */
  readonly omitted: { readonly kills: number; readonly events: number }
  readonly omittedKills: readonly RepeatedKill[]
  readonly suppressed: number
  /** kills in the name of programs, but for those that the kernel reports too */
  readonly relayed: readonly RelayedKill[]
  readonly snapshots: SavedFiles['snapshots']
}

/** Joins the evidence of the files. */
export function mergeEvidence({ inputs, logs, snapshots }: SavedFiles): LogEvidence {
  const renumberBoots = <T extends { readonly location: LogLocation }>(
    select: (log: LogContents) => readonly T[],
  ): T[][] => {
    let before = 0
    return logs.map(log => {
      const first = before
      before += log.boots.length
      return select(log).map(one => ({ ...one, location: { ...one.location, boot: first + one.location.boot } }))
    })
  }
  const hosts = logs.flatMap(log => log.boots.map(({ host }) => host))
  const isSameHost = ({ boot: a }: LogLocation, { boot: b }: LogLocation): boolean =>
    !hosts[a] || !hosts[b] || hosts[a] === hosts[b]
  const { merged: mergedKills, same } = mergeDuplicates(
    renumberBoots(log => log.kills),
    isSameHost,
    {
      toKey: ({ kill }) => getSignature(kill),
      pickBetter: pickMoreComplete,
      // a process dies once; its pid may be reused in another boot
      isOnce: ({ location: a }, { location: b }) =>
        isSameTime(a, b) || isCopy(a, b) || (a.boot === b.boot && canBeSame(a, b)),
    },
  )
  const { merged: events } = mergeDuplicates(
    renumberBoots(log => removeFragments(log.kills, log.events)),
    isSameHost,
    {
      toKey: ({ event }) => `${event.kind} ${isPanic(event) ? '' : event.text}`,
      pickBetter: first => first,
      // `crash` prints the panic above the log, and pstore has it twice
      isOnce: ({ event, location: a }, { location: b }) => isCopy(a, b) || (isPanic(event) && a.boot === b.boot),
    },
  )
  const shared = findSharedFragments(mergedKills, events, isSameHost)
  const pieces = Array.from(shared, ([{ location: a }, { location: b }]): BootPair => {
    return [Math.min(a.boot, b.boot), Math.max(a.boot, b.boot)]
  })
  const { boots, at } = mergeBoots(logs, [...same, ...pieces])
  const assignBoot = <T extends { readonly location: LogLocation }>(one: T): T => ({
    ...one,
    location: { ...one.location, boot: at[one.location.boot]! },
  })
  const signatures = new Set(mergedKills.map(({ kill }) => getSignature(kill)))
  const sumLogs = (select: (log: LogContents) => number): number => logs.reduce((total, log) => total + select(log), 0)
  return {
    inputs,
    boots,
    kills: sortByTime(mergedKills.map(assignBoot)),
    events: sortByTime(events.filter(event => !shared.has(event)).map(assignBoot)),
    omitted: { kills: sumLogs(({ omitted: more }) => more.kills), events: sumLogs(({ omitted: more }) => more.events) },
    omittedKills: renumberBoots(log => log.omittedKills)
      .flat()
      .map(assignBoot),
    suppressed: sumLogs(({ suppressed }) => suppressed),
    snapshots,
    relayed: renumberBoots(log => log.relayed)
      .flat()
      .map(assignBoot)
      .filter(({ kill }) => !signatures.has(getSignature(kill))),
  }
}

const isPanic = ({ kind }: MemoryEvent): boolean => kind === 'oom-panic'

const getSignature = ({ victim: { pid, comm, totalVm, anonRss, fileRss } }: OomKill): string =>
  [pid, comm, totalVm, anonRss, fileRss].join(' ')

interface DuplicateRules<T> {
  readonly toKey: (one: T) => string
  readonly pickBetter: (first: T, second: T) => T
  /** in one log: it can happen only once */
  readonly isOnce: (first: T, second: T) => boolean
}

// An event that one log reports twice happened twice, unless it can happen only once. The same event in another log is the same,
// unless that is another machine's.
function mergeDuplicates<T extends { readonly location: LogLocation }>(
  logs: readonly (readonly T[])[],
  isSameHost: (a: LogLocation, b: LogLocation) => boolean,
  { toKey, pickBetter, isOnce }: DuplicateRules<T>,
): { readonly merged: T[]; readonly same: readonly BootPair[] } {
  const merged: T[] = []
  const same: BootPair[] = []
  const known = new Map<string, number[]>()
  for (const log of logs) {
    const own = new Map<string, number[]>()
    const taken = new Set<number>()
    for (const one of log) {
      const key = toKey(one)
      const at = known.get(key)?.find(index => {
        const { location } = merged[index]!
        return !taken.has(index) && canBeSame(location, one.location) && isSameHost(location, one.location)
      })
      if (at !== undefined) {
        taken.add(at)
        same.push([merged[at]!.location.boot, one.location.boot])
        merged[at] = { ...pickBetter(merged[at]!, one), location: mergeLocations(merged[at]!.location, one.location) }
        continue
      }
      const again = own.get(key)?.find(before => isOnce(merged[before]!, one))
      if (again === undefined) own.set(key, [...(own.get(key) ?? []), merged.push(one) - 1])
      else {
        same.push([merged[again]!.location.boot, one.location.boot])
        const before = merged[again]!
        merged[again] = { ...pickBetter(before, one), location: mergeLocations(before.location, one.location) }
      }
    }
    for (const [key, at] of own) known.set(key, [...(known.get(key) ?? []), ...at])
  }
  return { merged, same }
}

const isSameTime = (a: LogLocation, b: LogLocation): boolean =>
  a.wall === b.wall && a.bootSeconds === b.bootSeconds && (a.wall !== null || a.bootSeconds !== null)

// A text that holds the syslog and dmesg of one boot has a line twice: with one stamp of the kernel, and two of the wall clock.
const isCopy = (a: LogLocation, b: LogLocation): boolean =>
  a.bootSeconds !== null && a.bootSeconds === b.bootSeconds && a.wall !== b.wall && canBeSame(a, b)

const CLOSE = 5000
const ZONES = 26 // hours between the first and the last

function canBeSame(a: LogLocation, b: LogLocation): boolean {
  if (a.wall !== null && b.wall !== null) {
    const apart = Math.abs(a.wall - b.wall)
    const hours = Math.round(apart / HOUR)
    return hours <= ZONES && Math.abs(apart - hours * HOUR) < CLOSE // zones may differ
  }
  if (a.bootSeconds !== null && b.bootSeconds !== null) return Math.abs(a.bootSeconds - b.bootSeconds) * 1000 < CLOSE
  return true
}

const mergeLocations = (a: LogLocation, b: LogLocation): LogLocation => ({
  ...a,
  wall: a.wall ?? b.wall,
  bootSeconds: a.bootSeconds ?? b.bootSeconds,
})

const pickMoreComplete = (a: LocatedKill, b: LocatedKill): LocatedKill => (b.kill.complete && !a.kill.complete ? b : a)

// Not the meminfo of single NUMA nodes.
const isOfWholeMachine = (snapshot: Snapshot): boolean => !('nodes' in snapshot && snapshot.nodes)

/** Returns the newest snapshot of a kind. */
export function findSnapshot<Kind extends SnapshotKind>(
  { snapshots }: LogEvidence,
  kind: Kind,
): Extract<Snapshot, { readonly kind: Kind }> | undefined {
  const isKind = (snapshot: Snapshot): snapshot is Extract<Snapshot, { readonly kind: Kind }> => snapshot.kind === kind
  const found = snapshots.map(({ snapshot }) => snapshot).filter(isKind)
  return found.findLast(isOfWholeMachine) ?? found.at(-1)
}
