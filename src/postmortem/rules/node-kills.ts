// Diagnosis of OOM kills that no cgroup limit explains: the node was full, fragmented, out of low memory, or somebody asked.

import { formatBytes, formatCount, formatPercent } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { computeReportRam } from '../../collectors/kmsg/oom/mem-info-block.ts'
import { describeNodes, type OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { formatLargestProcesses } from '../../collectors/kmsg/oom/oom-tasks.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import { computeMemoryParts, computeUncounted } from '../../detectors/oom/memory-parts.ts'
import { computeNodeCause, type NodeCause } from '../../detectors/oom/node-cause.ts'
import { listOomRemedies } from '../../detectors/remedies/oom-remedies.ts'
import type { KillGroup } from '../kill-groups.ts'
import type { Diagnosis } from './diagnosis.ts'
import { formatParts, formatVictims, isCertain, isKubernetesPath } from './oom-kills.ts'

const NAMES: Readonly<Record<NodeCause['kind'], string>> = {
  'by hand': 'oom-by-hand',
  'low memory': 'low-memory-exhausted',
  fragmented: 'node-fragmented',
  'huge pages': 'huge-pages-reserved',
  zone: 'zone-exhausted',
  nodes: 'memory-nodes-exhausted',
  cma: 'cma-reserved',
  'not short': 'node-out-of-memory',
  full: 'node-out-of-memory',
}

/** One diagnosis for each cause that kills without a cgroup limit had, the one with the most kills first. */
export function diagnoseNodeKills(groups: readonly KillGroup[], release: string | null): readonly Diagnosis[] {
  const global = groups.filter(group => group.global === true)
  const byCause = Map.groupBy(global, ({ kill }) => computeNodeCause(kill).kind)
  return [...byCause.values()].toSorted((a, b) => countKills(b) - countKills(a)).map(own => diagnoseCause(own, release))
}

const countKills = (groups: readonly KillGroup[]): number => groups.reduce((sum, { count }) => sum + count, 0)

function diagnoseCause(groups: readonly KillGroup[], release: string | null): Diagnosis {
  const { kill } = groups.findLast(group => group.kill.memInfo !== null) ?? groups.at(-1)!
  const cause = computeNodeCause(kill)
  const parts = computeMemoryParts(kill)
  const hasPods = groups.some(group => isKubernetesPath(group.kill.taskMemcg))
  const isFull = cause.kind === 'full'
  const ram = kill.memInfo ? computeReportRam(kill.memInfo, estimatePageSize(kill) ?? 4096) : 0
  return {
    name: NAMES[cause.kind],
    title: formatTitle(cause, kill, countKills(groups)),
    severity: 'critical',
    certainty: isCertain(kill) && cause.kind !== 'not short' ? 'certain' : 'likely',
    summary: formatSummary(cause, kill),
    evidence: [
      `killed: ${formatVictims(groups, 8)}`,
      ...describeLargest(kill),
      ...describeSwap(kill),
      ...describeRest(kill),
    ],
    remedy: listOomRemedies({
      owner: null,
      isGlobal: true,
      largestPart: parts[0]?.name,
      hasViews: false,
      cause: isFull && kill.nodes !== null ? 'nodes' : cause.kind,
      hasPods,
      release,
      ...(ram > 0 ? { ram } : {}),
    }),
    wantedEvidence: [
      ...(isFull ? (['meminfo', 'slabinfo'] as const) : []),
      ...(kill.complete ? [] : (['whole reports'] as const)),
    ],
  }
}

const formatProcesses = (number: number): string => (number === 1 ? '1 process' : `${formatCount(number)} processes`)

function formatTitle(cause: NodeCause, kill: OomKill, count: number): string {
  const killed = `${formatProcesses(count)} killed`
  switch (cause.kind) {
    case 'by hand':
      return 'a kill asked for by hand (SysRq f)'
    case 'low memory':
      return `low memory (zone ${cause.zone.name}) ran out while HighMem was free: ${killed}`
    case 'fragmented':
      return `no free block of ${2 ** cause.order} pages (order ${cause.order}) in zone ${cause.zone.name}: ${killed}`
    case 'huge pages':
      return `unused huge pages left too little memory: ${killed}`
    case 'zone':
      return `zone ${cause.zone.name} ran out for a request that may use no other: ${killed}`
    case 'nodes':
      return `${describeNodes(kill)} ran out of memory while other nodes had free memory: ${killed}`
    case 'cma':
      return `free memory was kept for movable pages (CMA): ${killed}`
    case 'not short':
      return `out of memory, and zone ${cause.zone.name} had free pages when the report was printed: ${killed}`
    default:
      return `${describeNodes(kill)} ran out of memory: ${killed}`
  }
}

function formatSummary(cause: NodeCause, kill: OomKill): string {
  switch (cause.kind) {
    case 'low memory': {
      const { zone, highFree, highTotal } = cause
      const share = highTotal > 0 ? ` (${formatPercent(highFree / highTotal)} of it)` : ''
      return `Zone ${zone.name} had ${formatBytes(zone.free ?? undefined)} free, below its mark of ${formatBytes(zone.min ?? undefined)}; ${formatBytes(highFree)} of HighMem were free${share}, which the kernel cannot use for this.`
    }
    case 'fragmented':
      return `Zone ${cause.zone.name} had ${formatBytes(cause.zone.free ?? undefined)} free, but not ${2 ** cause.order} pages in a row that an ordinary request may take: memory is fragmented.`
    case 'zone':
      return `Zone ${cause.zone.name} had ${formatBytes(cause.zone.free ?? undefined)} free, below its mark of ${formatBytes(cause.zone.low ?? undefined)}; ${formatBytes(cause.freeElsewhere)} were free in zones that the request may not use.`
    case 'nodes':
      return `${formatBytes(cause.freeElsewhere)} were free on nodes that the process may not use. ${formatUse(kill, cause)}`
    case 'cma':
      return `Of ${formatBytes(cause.zone.free ?? undefined)} free in zone ${cause.zone.name} ${formatBytes(cause.zone.freeCma)} were kept for CMA, which a request of the kernel may not use.`
    case 'not short':
      return `Zone ${cause.zone.name} had ${formatBytes(cause.zone.free ?? undefined)} free, above its marks: memory was freed after the kernel had decided to kill. ${formatUse(kill, cause)}`
    default:
      return formatUse(kill, cause)
  }
}

function formatUse(kill: OomKill, cause: NodeCause): string {
  const parts = computeMemoryParts(kill)
  const size = estimatePageSize(kill) ?? 4096
  const ram = kill.memInfo ? computeReportRam(kill.memInfo, size) : 0
  if (parts.length === 0) return describeShortZones(kill) ?? 'The report does not say what the memory was.'
  if (ram === 0) return `It counts ${formatSizes(parts)}; how much RAM there is, the report does not say.`
  const free = (kill.memInfo?.pages.free ?? 0) * size
  const use = `Of ${formatBytes(ram)} RAM ${formatParts(parts, ram)}`
  if (cause.kind === 'by hand') return `${use}; ${formatPercent(free / ram)} was free: nothing ran out.`
  return cause.kind === 'huge pages'
    ? `${use}; ${formatBytes(cause.freeBytes)} of ${formatBytes(cause.bytes)} in huge pages were not in use.`
    : `${use}.`
}

const formatSizes = (parts: ReturnType<typeof computeMemoryParts>): string =>
  parts
    .slice(0, 4)
    .map(({ name, bytes }) => `${formatBytes(bytes)} ${name}`)
    .join(', ')

// Lines of zones alone, in a log that was searched for words.
function describeShortZones({ memInfo }: OomKill): string | undefined {
  const short = (memInfo?.zones ?? []).filter(({ free, min, low }) => free !== null && free < (low ?? min ?? 0))
  const texts = short.map(({ name, free, low, min }) => {
    return `zone ${name} had ${formatBytes(free ?? undefined)} free, below its mark of ${formatBytes(low ?? min ?? undefined)}`
  })
  return texts.length === 0 ? undefined : `The report does not say what the memory was; ${texts.join(', ')}.`
}

function describeLargest(kill: OomKill): readonly string[] {
  const size = estimatePageSize(kill) ?? 4096
  return kill.tasks.length === 0 ? [] : [`largest then: ${formatLargestProcesses(kill.tasks, size, 3)}`]
}

function describeSwap({ memInfo }: OomKill): readonly string[] {
  const { swapTotal, swapFree } = memInfo ?? {}
  if (swapTotal == null || swapFree == null) return []
  return [
    swapTotal === 0 ? 'no swap' : `swap of ${formatBytes(swapTotal)}, ${formatPercent(1 - swapFree / swapTotal)} used`,
  ]
}

const MUCH = 0.15
const LEAST = 128 * MiB // stacks, per-CPU memory and mappings of the kernel are not counted either

// What is missing in the list of uses.
function describeRest(kill: OomKill): readonly string[] {
  const { memInfo } = kill
  if (!memInfo) return []
  const size = estimatePageSize(kill) ?? 4096
  const ram = computeReportRam(memInfo, size)
  const [uncounted, reserved] = [computeUncounted(memInfo, size) ?? 0, (memInfo.pages.reserved ?? 0) * size]
  const format = (bytes: number): string => `${formatBytes(bytes)} of RAM (${formatPercent(bytes / ram)})`
  return [
    ...(uncounted > Math.max(MUCH * ram, LEAST)
      ? [
          `${format(uncounted)} is in no counter of the report, for example pages of drivers, a balloon, the cache of ZFS (ARC)`,
        ]
      : []),
    ...(reserved > MUCH * ram && reserved < ram
      ? [`${format(reserved)} is reserved: at boot (crashkernel=), or taken back by the hypervisor (balloon)`]
      : []),
  ]
}
