// Computes the numbers that diagnoses need from the evidence.
import { findLargest } from '../base/extremes.ts'
import type { MemoryEvent, SlabAllocationFailure } from '../collectors/kmsg/memory-event.ts'
import type { MemInfoBlock } from '../collectors/kmsg/oom/mem-info-block.ts'
import type { OomKill, UnreclaimableSlabRow } from '../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../collectors/kmsg/oom/page-size.ts'
import { findSnapshot, type LogEvidence } from './evidence.ts'
import type { Snapshot } from './logs/pieces/snapshots.ts'

/** What the rules are applied to, gathered once from the evidence. */
export interface Facts {
  /** kernel releases in the files, newest last */
  readonly releases: readonly string[]
  readonly commandLine: string | null
  /** allocation failures of slab caches; those of per-cgroup caches show that kmem accounting was on */
  readonly slabFailures: readonly SlabAllocationFailure[]
  readonly memcgFailures: readonly SlabAllocationFailure[]
  /** per-cgroup slab caches in a listing of /sys/kernel/slab or a slabinfo */
  readonly memcgCaches: number | null
  /** objects of the cache `kmem_cache`: one for each slab cache */
  readonly kmemCaches: number | null
  /** memory cgroups counted by the kernel: the latest and the highest number in the files; and existing directories */
  readonly numCgroups: number | null
  readonly mostCgroups: number | null
  readonly directories: number | null
  /** programs report that a cgroup could not be created or written */
  readonly cgroupErrors: readonly Extract<MemoryEvent, { kind: 'program-failure' }>[]
  /** share of RAM in unreclaimable slab, and the source of the number */
  readonly unreclaimable: { readonly bytes: number; readonly share: number; readonly from: string } | null
  /** the kernel's list of unreclaimable slab in the last report with one */
  readonly dumpedSlab: readonly UnreclaimableSlabRow[]
  /** slab caches of a slabinfo or slabtop, largest first */
  readonly caches: readonly { readonly name: string; readonly bytes: number }[]
  readonly kills: readonly OomKill[]
  readonly events: readonly MemoryEvent[]
}

/** Collects from the evidence of all inputs what the rules ask for. */
export function collectFacts(evidence: LogEvidence): Facts {
  const events = evidence.events.map(({ event }) => event)
  const slabFailures = events.filter(event => event.kind === 'slab-allocation-failure')
  const caches = findSnapshot(evidence, 'slabinfo')
  const listing = findSnapshot(evidence, 'slab listing')
  const kills = evidence.kills.map(({ kill }) => kill)
  const release =
    findSnapshot(evidence, 'kernel release')?.release ?? findSnapshot(evidence, 'kubectl describe')?.kernel
  const allReleases = [...evidence.boots.flatMap(({ kernel }) => kernel ?? []), ...(release ? [release] : [])]
  return {
    releases: [...new Set(allReleases)],
    commandLine:
      findSnapshot(evidence, 'command line')?.text ??
      evidence.boots.findLast(boot => boot.commandLine)?.commandLine ??
      null,
    slabFailures,
    memcgFailures: slabFailures.filter(({ memcgId }) => memcgId !== null),
    memcgCaches: findMax([listing?.memcgCaches, caches?.memcgCaches]),
    kmemCaches: caches?.caches.find(({ name }) => name === 'kmem_cache')?.numObjs ?? null,
    numCgroups: getMemoryCount(findSnapshot(evidence, 'cgroups')) ?? null,
    mostCgroups: findMax(evidence.snapshots.map(({ snapshot }) => getMemoryCount(snapshot))),
    directories: findSnapshot(evidence, 'cgroup listing')?.directories ?? null,
    cgroupErrors: events.filter(
      event => event.kind === 'program-failure' && isCgroupError(event),
    ) as Facts['cgroupErrors'],
    unreclaimable: findUnreclaimable(evidence, kills),
    dumpedSlab: findDumpedSlab(kills, events),
    caches: caches?.caches ?? [],
    kills,
    events,
  }
}

function findDumpedSlab(kills: readonly OomKill[], events: readonly MemoryEvent[]): Facts['dumpedSlab'] {
  const lists = [...events, ...kills].map(one => ('unreclaimableSlab' in one ? one.unreclaimableSlab : []))
  return lists.findLast(list => list.length > 0) ?? []
}

const getMemoryCount = (snapshot: Snapshot | undefined): number | undefined =>
  snapshot?.kind === 'cgroups' ? snapshot.controllers.memory?.count : undefined

function findMax(values: readonly (number | undefined)[]): number | null {
  const known = values.filter(value => value !== undefined)
  return known.length > 0 ? findLargest(known) : null
}

const isCgroupError = ({ cgroup, text }: { cgroup: string | null; text: string }): boolean =>
  cgroup !== null || /cgroup/i.test(text)

const PAGE = 4096

function findUnreclaimable(evidence: LogEvidence, kills: readonly OomKill[]): Facts['unreclaimable'] {
  const values = findSnapshot(evidence, 'meminfo')?.values
  const saved = computeShare(values?.SUnreclaim, values?.MemTotal, 'meminfo')
  const reports = kills.flatMap(kill => {
    return computeReportShare(kill.memInfo, estimatePageSize(kill), 'the report of an OOM kill') ?? []
  })
  const all = [...(saved ? [saved] : []), ...reports, ...findInEvents(evidence)]
  return all.toSorted((a, b) => b.share - a.share)[0] ?? null
}

function findInEvents(evidence: LogEvidence): readonly NonNullable<Facts['unreclaimable']>[] {
  return evidence.events.flatMap(({ event }) => {
    if (event.kind !== 'oom-without-kill' && event.kind !== 'memory-printed') return []
    const from = event.kind === 'memory-printed' ? 'Mem-Info in the kernel log' : 'an OOM report without a kill'
    return computeReportShare(event.memInfo, event.memInfo?.pageSize, from) ?? []
  })
}

function computeReportShare(
  memInfo: MemInfoBlock | null,
  pageSize: number | null | undefined,
  from: string,
): Facts['unreclaimable'] {
  const size = pageSize ?? PAGE
  const [slab, ram] = [memInfo?.pages.slab_unreclaimable, memInfo?.pages.RAM].map(count => count && count * size)
  return computeShare(slab, ram, from)
}

function computeShare(bytes: number | undefined, total: number | undefined, from: string): Facts['unreclaimable'] {
  return bytes === undefined || !total ? null : { bytes, share: bytes / total, from }
}
