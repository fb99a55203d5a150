// Diagnoses of OOM kills: at a cgroup's limit, of the whole node, or by hand.
import { formatBytes, formatCount, formatPercent, formatTimes } from '../../base/format.ts'
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import { describeNodes, type OomKill } from '../../collectors/kmsg/oom-kill.ts'
import { formatLargestProcesses } from '../../collectors/kmsg/oom-tasks.ts'
import { estimatePageSize } from '../../collectors/kmsg/page-size.ts'
import { computeMemoryParts, type MemoryPart } from '../../detectors/oom/memory-parts.ts'
import { listOomRemedies } from '../../detectors/remedies/oom-remedies.ts'
import type { KillGroup } from '../kill-groups.ts'
import type { Diagnosis } from './diagnosis.ts'

/** A cgroup and its container in words: `pod 3f0c9a51-…, container 9d1c6a0be7f2 (/kubepods…)`. */
export function describeOwner(path: string | null): string {
  if (path === null) return 'a cgroup that is not told'
  const { podUid, containerId, runtime } = parseContainerPath(path)
  const container = containerId === null ? '' : `${runtime ?? ''} container ${containerId.slice(0, 12)}`.trim()
  const words = [podUid === null ? '' : `pod ${podUid}`, container].filter(Boolean).join(', ')
  return words === '' ? path : words
}

/** Whose memory ran out, as far as the log says it: `the whole node`, a cgroup, or neither for certain. */
export function describeScope(global: boolean | null, owner: string | null): string {
  if (global === true) return owner ?? 'the whole node'
  return global === null && owner === null ? 'a cgroup or the whole node, which is not told' : describeOwner(owner)
}

const formatParts = (parts: readonly MemoryPart[], total: number): string =>
  parts
    .filter(part => part.bytes / total >= 0.005)
    .slice(0, 3)
    .map(part => `${formatPercent(part.bytes / total)} ${part.name}`)
    .join(', ')

/** One diagnosis for each limit that processes were killed at. */
export function diagnoseLimitKills(groups: readonly KillGroup[]): readonly Diagnosis[] {
  const limited = groups.filter(({ global }) => global !== true)
  const sortByCount = (own: readonly KillGroup[]): readonly KillGroup[] => own.toSorted((a, b) => b.count - a.count)
  return [...Map.groupBy(limited, ({ global, owner }) => describeScope(global, owner)).values()]
    .map(sortByCount)
    .toSorted((a, b) => countKills(b) - countKills(a))
    .slice(0, MAX_DIAGNOSES)
    .map(diagnoseLimit)
}

const MAX_DIAGNOSES = 10

const countKills = (groups: readonly KillGroup[]): number => groups.reduce((sum, { count: times }) => sum + times, 0)

/** Names of the processes, the most often killed first: `java, node and 3 more`. */
function formatNames(groups: readonly KillGroup[]): string {
  const names = groups.slice(0, 3).map(({ comm }) => comm)
  return groups.length > 3 ? `${names.join(', ')} and ${groups.length - 3} more` : names.join(', ')
}

function diagnoseLimit(groups: readonly KillGroup[]): Diagnosis {
  const { owner, global, kill } = groups[0]!
  if (global === null && owner === null) return diagnoseUnknownLimit(groups)
  const parts = computeMemoryParts(kill)
  const total = kill.memory?.usage ?? parts.reduce((sum, part) => sum + part.bytes, 0)
  const top = parts[0]
  const parent = kill.taskMemcg !== null && kill.oomMemcg !== null && kill.taskMemcg !== kill.oomMemcg
  const limit = kill.memory && Number.isFinite(kill.memory.limit) ? ` of ${formatBytes(kill.memory.limit)}` : ''
  return {
    name: 'oom-at-limit',
    title: `${formatNames(groups)} killed ${formatTimes(countKills(groups))} at the limit${limit} of ${describeOwner(owner)}`,
    severity: 'critical',
    certainty: kill.complete ? 'certain' : 'likely',
    summary:
      top && total > 0
        ? `Its memory was ${formatParts(parts, total)}.`
        : 'What its memory was is not known: the report is cut, or the kernel left it out (rate limit).',
    evidence: [
      ...(kill.memory ? [`used ${formatBytes(kill.memory.usage)}, limit hit ${formatTimes(kill.memory.failcnt)}`] : []),
      ...(parent ? [`the limit is that of ${kill.oomMemcg}, above ${kill.taskMemcg}`] : []),
      ...(owner === null ? [] : [`cgroup ${owner}`]),
    ],
    remedy: listOomRemedies({ owner, isGlobal: false, largestPart: top?.name, hasViews: false }),
    wantedEvidence: kill.complete ? [] : ['whole reports'],
  }
}

// Kernels up to 5.2 say in another line whose limit it was, and that line is not there.
function diagnoseUnknownLimit(groups: readonly KillGroup[]): Diagnosis {
  return {
    name: 'oom-kill',
    title: `${formatNames(groups)} killed ${formatTimes(countKills(groups))} out of memory; the log does not say whether a cgroup or the whole node was`,
    severity: 'critical',
    certainty: 'likely',
    summary: 'Only the last line of the report is there, and on this kernel it does not name the limit.',
    evidence: [],
    remedy: [
      { text: 'get the whole report first: a full cgroup and a full node have different remedies', risk: 'none' },
    ],
    wantedEvidence: ['whole reports'],
  }
}

/** The node itself ran out. */
export function diagnoseNodeKills(groups: readonly KillGroup[]): readonly Diagnosis[] {
  const global = groups.filter(group => group.global === true)
  const last = global.at(-1)
  if (!last) return []
  const { kill } = global.findLast(group => group.kill.memInfo !== null) ?? last
  const parts = computeMemoryParts(kill)
  const ram = (kill.memInfo?.pages.RAM ?? 0) * (estimatePageSize(kill) ?? 4096)
  const order = kill.invoker?.order ?? null
  const isSysrq = kill.sysrq === true
  return [
    {
      name: isSysrq ? 'oom-by-hand' : isFragmented(kill) ? 'node-fragmented' : 'node-out-of-memory',
      title: isSysrq
        ? 'a kill asked for by hand (SysRq f)'
        : `${describeNodes(kill)} ran out of memory: ${formatProcesses(countKills(global))} killed`,
      severity: 'critical',
      certainty: kill.complete ? 'certain' : 'likely',
      summary: isFragmented(kill)
        ? `There was free memory, but not ${2 ** order!} pages in a row (order ${order}).`
        : parts.length > 0 && ram > 0
          ? `Of ${formatBytes(ram)} RAM ${formatParts(parts, ram)}.`
          : 'The report does not say what the memory was.',
      evidence: [
        `killed: ${[...new Set(global.map(({ comm }) => comm))].slice(0, 8).join(', ')}`,
        ...describeLargest(kill),
        ...describeSwap(kill),
      ],
      remedy: listOomRemedies({ owner: null, isGlobal: true, largestPart: parts[0]?.name, hasViews: false }),
      wantedEvidence: ['meminfo', 'slabinfo', ...(kill.complete ? [] : (['whole reports'] as const))],
    },
  ]
}

const formatProcesses = (number: number): string => (number === 1 ? '1 process' : `${formatCount(number)} processes`)

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

// free in every zone far above its mark, and an order above 0
function isFragmented({ invoker, memInfo }: OomKill): boolean {
  const zones = memInfo?.zones.filter(({ free, low }) => free !== null && low !== null) ?? []
  return (invoker?.order ?? 0) > 0 && zones.length > 0 && zones.every(({ free, low }) => free! > 2 * low!)
}
