// A case: what all saved files together tell, in order of time. The same kill told by two logs is one kill.
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import type { Saved } from '../../sources/logs/read.ts'
import type { Snapshot, SnapshotKind } from '../../sources/logs/snapshots.ts'
import type { LogTale, Place, ToldEvent, ToldKill } from '../../sources/logs/tale.ts'
import { type CaseBoot, joinedBoots, type SameBoot } from './boots.ts'

export interface Case {
  readonly inputs: Saved['inputs']
  readonly boots: readonly CaseBoot[]
  /** in order of time; a place's `boot` is an index into `boots` */
  readonly kills: readonly ToldKill[]
  readonly events: readonly ToldEvent[]
  /** beyond what is kept in full */
  readonly more: { readonly kills: number; readonly events: number }
  readonly suppressed: number
  readonly snapshots: Saved['snapshots']
}

/** Joins what the files tell. */
export function caseOf({ inputs, logs, snapshots }: Saved): Case {
  const placed = <T extends { readonly place: Place }>(of: (log: LogTale) => readonly T[]): T[][] => {
    let before = 0
    return logs.map(log => {
      const first = before
      before += log.boots.length
      return of(log).map(one => ({ ...one, place: { ...one.place, boot: first + one.place.boot } }))
    })
  }
  const { told: toldKills, same } = joined(
    placed(log => log.kills),
    ({ kill }) => signatureOf(kill),
    fuller,
    isMoment, // a process dies once, and its pid is another's at another moment
  )
  const { told: toldEvents } = joined(
    placed(log => log.events),
    ({ event }) => `${event.kind} ${event.text}`,
    first => first,
    () => false,
  )
  const { boots, at } = joinedBoots(logs, same)
  const inBoot = <T extends { readonly place: Place }>(one: T): T => ({
    ...one,
    place: { ...one.place, boot: at[one.place.boot]! },
  })
  const [kills, events] = [toldKills.map(inBoot), toldEvents.map(inBoot)]
  const sum = (of: (log: LogTale) => number): number => logs.reduce((total, log) => total + of(log), 0)
  return {
    inputs,
    boots,
    kills: inTime(kills),
    events: inTime(events),
    more: { kills: sum(({ more }) => more.kills), events: sum(({ more }) => more.events) },
    suppressed: sum(({ suppressed }) => suppressed),
    snapshots,
  }
}

const signatureOf = ({ victim: { pid, comm, totalVm, anonRss, fileRss } }: OomKill): string =>
  [pid, comm, totalVm, anonRss, fileRss].join(' ')

// What one log says twice happened twice, but for what is once by its nature; what another says too is the same.
function joined<T extends { readonly place: Place }>(
  logs: readonly (readonly T[])[],
  signature: (one: T) => string,
  better: (first: T, second: T) => T,
  isOnce: (first: Place, second: Place) => boolean,
): { readonly told: T[]; readonly same: readonly SameBoot[] } {
  const told: T[] = []
  const same: SameBoot[] = []
  const known = new Map<string, number[]>()
  for (const log of logs) {
    const own = new Map<string, number[]>()
    const taken = new Set<number>()
    for (const one of log) {
      const key = signature(one)
      const at = known.get(key)?.find(place => !taken.has(place) && mayBeSame(told[place]!.place, one.place))
      if (at !== undefined) {
        taken.add(at)
        same.push([told[at]!.place.boot, one.place.boot])
        told[at] = { ...better(told[at]!, one), place: placeOf(told[at]!.place, one.place) }
        continue
      }
      const again = own.get(key)?.find(before => isOnce(told[before]!.place, one.place))
      if (again === undefined) own.set(key, [...(own.get(key) ?? []), told.push(one) - 1])
      else same.push([told[again]!.place.boot, one.place.boot])
    }
    for (const [key, at] of own) known.set(key, [...(known.get(key) ?? []), ...at])
  }
  return { told, same }
}

const isMoment = (a: Place, b: Place): boolean =>
  a.wall === b.wall && a.bootSeconds === b.bootSeconds && (a.wall !== null || a.bootSeconds !== null)

const CLOSE = 5000
const HOUR = 3_600_000
const ZONES = 26 // hours between the first and the last

function mayBeSame(a: Place, b: Place): boolean {
  if (a.wall !== null && b.wall !== null) {
    const apart = Math.abs(a.wall - b.wall)
    const hours = Math.round(apart / HOUR)
    return hours <= ZONES && Math.abs(apart - hours * HOUR) < CLOSE // zones may differ
  }
  if (a.bootSeconds !== null && b.bootSeconds !== null) return Math.abs(a.bootSeconds - b.bootSeconds) * 1000 < CLOSE
  return true
}

const placeOf = (a: Place, b: Place): Place => ({
  ...a,
  wall: a.wall ?? b.wall,
  bootSeconds: a.bootSeconds ?? b.bootSeconds,
})

const fuller = (a: ToldKill, b: ToldKill): ToldKill => (b.kill.complete && !a.kill.complete ? b : a)

function inTime<T extends { readonly place: Place }>(told: readonly T[]): readonly T[] {
  const dated = told.every(({ place }) => place.wall !== null)
  const key = ({ place }: T): number => (dated ? place.wall! : (place.bootSeconds ?? 0) * 1000)
  return told.toSorted((a, b) => (dated ? 0 : a.place.boot - b.place.boot) || key(a) - key(b))
}

/** The newest snapshot of a kind. */
export function snapshotOf<Kind extends SnapshotKind>(
  { snapshots }: Case,
  kind: Kind,
): Extract<Snapshot, { readonly kind: Kind }> | undefined {
  const is = (snapshot: Snapshot): snapshot is Extract<Snapshot, { readonly kind: Kind }> => snapshot.kind === kind
  return snapshots.map(({ snapshot }) => snapshot).findLast(is)
}
