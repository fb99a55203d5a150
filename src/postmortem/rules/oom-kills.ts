// Diagnoses of OOM kills at the limit of a cgroup, or at one that the log does not name.
import { formatBytes, formatPercent, formatTimes } from '../../base/format.ts'
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import type { MemoryEvent, OomWithoutKill } from '../../collectors/kmsg/memory-event.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { isRowOf } from '../../collectors/kmsg/oom/oom-tasks.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import { computeDirtyBytes, computeMemoryParts, type MemoryPart } from '../../detectors/oom/memory-parts.ts'
import { listOomRemedies } from '../../detectors/remedies/oom-remedies.ts'
import type { KillGroup } from '../kill-groups.ts'
import type { Diagnosis } from './diagnosis.ts'

/** A cgroup and its container in words: `pod 3f0c9a51-…, container 9d1c6a0be7f2 (/kubepods…)`. */
export function describeOwner(path: string | null): string {
  if (path === null) return 'a cgroup of unknown name'
  const { podUid, containerId, runtime } = parseContainerPath(path)
  const container = containerId === null ? '' : `${runtime ?? ''} container ${containerId.slice(0, 12)}`.trim()
  const words = [podUid === null ? '' : `pod ${podUid}`, container].filter(Boolean).join(', ')
  return words === '' ? path : words
}

/** Whose memory ran out, as far as the log says it: `the whole node`, a cgroup, or neither for certain. */
export function describeScope(global: boolean | null, owner: string | null): string {
  if (global === true) return owner ?? 'the whole node'
  return global === null && owner === null
    ? 'a cgroup or the whole node (the log does not say which)'
    : describeOwner(owner)
}

/** The largest parts of the memory: `97 % anonymous, 2 % kernel`. */
export const formatParts = (parts: readonly MemoryPart[], total: number): string =>
  parts
    .filter(part => part.bytes / total >= 0.005)
    .slice(0, 3)
    .map(part => `${formatPercent(part.bytes / total)} ${part.name}`)
    .join(', ')

/** One diagnosis for each limit that processes were killed at. */
export function diagnoseLimitKills(groups: readonly KillGroup[], events: readonly MemoryEvent[]): readonly Diagnosis[] {
  const limited = groups.filter(({ global }) => global !== true)
  const sortByCount = (own: readonly KillGroup[]): readonly KillGroup[] => own.toSorted((a, b) => b.count - a.count)
  return [...Map.groupBy(limited, ({ global, owner }) => describeScope(global, owner)).values()]
    .map(sortByCount)
    .toSorted((a, b) => countKills(b) - countKills(a))
    .slice(0, MAX_DIAGNOSES)
    .map(own => diagnoseLimit(own, countChoices(own, events)))
}

// Processes that the kernel chose, and whose kill is not in the log.
function countChoices(groups: readonly KillGroup[], events: readonly MemoryEvent[]): number {
  const names = new Set(groups.map(({ comm }) => comm))
  const isOwn = ({ chosen, global, oomMemcg }: OomWithoutKill): boolean =>
    chosen?.comm != null &&
    names.has(chosen.comm) &&
    global === groups[0]!.global &&
    (oomMemcg ?? groups[0]!.owner) === groups[0]!.owner
  return events.filter(event => event.kind === 'oom-without-kill' && event.reason === CUT_REASON && isOwn(event)).length
}

/** Why an OOM report has no kill when its end is missing. */
export const CUT_REASON = 'the end is not in the log'

/** True if the lines of the log prove what is said about the kill. */
export const isCertain = ({ complete, likely }: OomKill): boolean => complete && likely.length === 0

/** True for the cgroup of a pod. */
export const isKubernetesPath = (path: string | null): boolean => path !== null && /kubepods/.test(path)

const MAX_DIAGNOSES = 10

const countKills = (groups: readonly KillGroup[]): number => groups.reduce((sum, { count: times }) => sum + times, 0)

/** Names of the processes, the most often killed first: `java, node and 3 more`. */
function formatNames(groups: readonly KillGroup[]): string {
  const names = groups.slice(0, 3).map(({ comm }) => comm)
  return groups.length > 3 ? `${names.join(', ')} and ${groups.length - 3} more` : names.join(', ')
}

/** Names of all processes that died, those of memory.oom.group too. */
export function formatVictims(groups: readonly KillGroup[], most: number): string {
  return formatDistinct(
    groups.flatMap(({ comm, others }) => [comm, ...others]),
    most,
  )
}

function formatDistinct(all: readonly string[], most: number): string {
  const names = [...new Set(all)]
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ')
}

function diagnoseLimit(groups: readonly KillGroup[], choices: number): Diagnosis {
  const { owner, global, kill } = groups[0]!
  if (global === null && owner === null) return diagnoseUnknownLimit(groups)
  const parts = computeMemoryParts(kill)
  const total = kill.memory?.usage ?? parts.reduce((sum, part) => sum + part.bytes, 0)
  const top = parts[0]
  const limit = kill.memory && Number.isFinite(kill.memory.limit) ? ` of ${formatBytes(kill.memory.limit)}` : ''
  const dirty = computeDirtyBytes(kill)
  const isDirty = top?.name === 'page cache' && dirty > top.bytes / 2
  const more = choices > 0 ? `, and ${choices} more chosen` : ''
  return {
    name: 'oom-at-limit',
    title: `${formatNames(groups)} killed ${formatTimes(countKills(groups))}${more} at the limit${limit} of ${describeOwner(owner)}`,
    severity: 'critical',
    certainty: isCertain(kill) ? 'certain' : 'likely',
    summary: formatSummary(parts, total, isDirty ? dirty : 0),
    evidence: [
      ...(kill.memory ? [`used ${formatBytes(kill.memory.usage)}, limit hit ${formatTimes(kill.memory.failcnt)}`] : []),
      ...describeLimitSwap(kill),
      ...describeGroup(groups),
      ...(choices > 0 ? [`chosen ${choices} more times; the lines of those kills are not in the log`] : []),
      ...(isBelowLimit(kill) ? [`the limit is that of ${kill.oomMemcg}, above ${kill.taskMemcg}`] : []),
      ...(owner === null ? [] : [`cgroup ${owner}`]),
    ],
    remedy: listOomRemedies({ owner, isGlobal: false, largestPart: top?.name, hasViews: false, isDirty }),
    wantedEvidence: kill.complete ? [] : ['whole reports'],
  }
}

const isBelowLimit = ({ taskMemcg, oomMemcg }: OomKill): boolean =>
  taskMemcg !== null && oomMemcg !== null && taskMemcg !== oomMemcg

function formatSummary(parts: readonly MemoryPart[], total: number, dirty: number): string {
  if (parts.length === 0 || total === 0)
    return 'What its memory was is not known: the report is cut, or the kernel left it out (rate limit).'
  const written =
    dirty > 0 ? ` ${formatBytes(dirty)} of the page cache were dirty: they waited to be written to storage.` : ''
  return `Its memory was ${formatParts(parts, total)}.${written}`
}

function describeGroup(groups: readonly KillGroup[]): readonly string[] {
  const others = groups.flatMap(group => group.others)
  if (others.length === 0) return []
  return [`killed with it (memory.oom.group): ${formatDistinct(others, 12)}`]
}

// On v1 the counter is memory and swap together, on v2 swap alone.
function describeLimitSwap(kill: OomKill): readonly string[] {
  const { memory, swap, stat, kmem, tasks, victim } = kill
  const isTogether = kmem !== null
  const alone = isTogether && swap && memory ? swap.usage - memory.usage : (swap?.usage ?? 0)
  const swapped = Math.max(alone, stat.total_swap ?? stat.swap ?? 0)
  const row = tasks.find(task => isRowOf(task, victim.pid))
  const own = (row?.columns.swapents ?? 0) * (estimatePageSize(kill) ?? 4096)
  if (swapped < MIN_SWAP && own < MIN_SWAP) return []
  const total = isTogether && swap ? ` (memory+swap ${formatBytes(swap.usage)})` : ''
  const whose = own >= MIN_SWAP ? `; ${victim.comm} had ${formatBytes(own)} in swap` : ''
  return [`${formatBytes(Math.max(swapped, own))} more of it in swap${total}${whose}: a higher limit takes that too`]
}

const MIN_SWAP = 1 << 20

// Kernels up to 5.2 say in another line whose limit it was, and that line is not there.
function diagnoseUnknownLimit(groups: readonly KillGroup[]): Diagnosis {
  return {
    name: 'oom-kill',
    title: `${formatNames(groups)} killed ${formatTimes(countKills(groups))} out of memory; the log does not say whether a cgroup or the whole node was`,
    severity: 'critical',
    certainty: 'likely',
    summary: 'Only the last line of the report is there, and on this kernel it does not name the limit.',
    evidence: describeGroup(groups),
    remedy: [
      { text: 'get the whole report first: a full cgroup and a full node have different remedies', risk: 'none' },
    ],
    wantedEvidence: ['whole reports'],
  }
}
