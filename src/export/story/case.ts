// A case: what all saved files together tell, in order of time. The same kill told by two logs is one kill.
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import type { Boot } from '../../sources/logs/boots.ts'
import type { LogTale, Place, ToldEvent, ToldKill } from '../../sources/logs/follower.ts'
import type { Saved } from '../../sources/logs/read.ts'
import type { Snapshot, SnapshotKind } from '../../sources/logs/snapshots.ts'

/** A run of a kernel, with the log it is known from. */
export interface CaseBoot extends Boot {
  readonly file: string
}

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
  const boots: CaseBoot[] = []
  const told = logs.map(log => ({ log, at: log.boots.map(boot => bootIndex(boots, boot, log)) }))
  const placed = <T extends { readonly place: Place }>(of: (log: LogTale) => readonly T[]): T[][] =>
    told.map(({ log, at }) => of(log).map(one => ({ ...one, place: { ...one.place, boot: at[one.place.boot]! } })))
  const kills = joined(
    placed(log => log.kills),
    ({ kill }) => signatureOf(kill),
    fuller,
  )
  const events = joined(
    placed(log => log.events),
    ({ event }) => `${event.kind} ${event.text}`,
    first => first,
  )
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

const SAME_BOOT = 120_000

// Two logs of one boot began counting at the same moment, where both tell their clocks.
function bootIndex(boots: CaseBoot[], boot: Boot, { files }: LogTale): number {
  const began = startOf(boot)
  const at = boots.findIndex(other => {
    const start = startOf(other)
    return began !== null && start !== null && Math.abs(start - began) < SAME_BOOT
  })
  if (at < 0) return boots.push({ ...boot, file: files.join(', ') }) - 1
  const { kernel, commandLine } = boots[at]!
  boots[at] = { ...boots[at]!, kernel: kernel ?? boot.kernel, commandLine: commandLine ?? boot.commandLine }
  return at
}

function startOf({ from, fromSeconds }: Boot): number | null {
  return from === null || fromSeconds === null ? null : from - fromSeconds * 1000
}

const signatureOf = ({ victim: { pid, comm, totalVm, anonRss, fileRss } }: OomKill): string =>
  [pid, comm, totalVm, anonRss, fileRss].join(' ')

// What one log says twice happened twice; what another says too is the same.
function joined<T extends { readonly place: Place }>(
  logs: readonly (readonly T[])[],
  signature: (one: T) => string,
  better: (first: T, second: T) => T,
): T[] {
  const all: T[] = []
  const known = new Map<string, number[]>()
  for (const log of logs) {
    const own = new Map<string, number[]>()
    const taken = new Set<number>()
    for (const one of log) {
      const key = signature(one)
      const same = known.get(key)?.find(at => !taken.has(at) && mayBeSame(all[at]!.place, one.place))
      if (same !== undefined) {
        taken.add(same)
        all[same] = { ...better(all[same]!, one), place: placeOf(all[same]!.place, one.place) }
      } else own.set(key, [...(own.get(key) ?? []), all.push(one) - 1])
    }
    for (const [key, at] of own) known.set(key, [...(known.get(key) ?? []), ...at])
  }
  return all
}

const CLOSE = 5000

function mayBeSame(a: Place, b: Place): boolean {
  if (a.wall !== null && b.wall !== null) return Math.abs(a.wall - b.wall) % 3_600_000 < CLOSE // zones may differ
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
