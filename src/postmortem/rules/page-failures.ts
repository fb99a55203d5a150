// Diagnosis of page allocations that failed: what the request was allowed to do decides what it means.
import { findLargest } from '../../base/extremes.ts'
import { formatPlural } from '../../base/format.ts'
import { formatGfpMask } from '../../collectors/kmsg/gfp-mask.ts'
import type { MemoryEvent, PageAllocationFailure } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'
import type { Rule } from './diagnosis.ts'

type Failure = MemoryEvent & PageAllocationFailure

const LARGE_ORDER = 3
const MAY_SLEEP = /GFP_KERNEL|GFP_NOFS|GFP_NOIO|GFP_USER|GFP_HIGHUSER|__GFP_WAIT|__GFP_DIRECT_RECLAIM/

/** True if the request was allowed to wait for memory to be reclaimed. Follows include/linux/gfp_types.h. */
const maySleep = ({ mode }: Failure): boolean => mode !== null && MAY_SLEEP.test(formatGfpMask(mode))

// Reclaim itself runs out only when nothing is left.
const isReclaim = ({ comm }: Failure): boolean => /^kswapd\d+$/.test(comm)

/** Page allocations that failed: fragmentation, the end of the memory, or a moment in an interrupt. */
export const detectPageFailures: Rule = ({ events }) => {
  const failures = events.filter((event): event is Failure => event.kind === 'page-allocation-failure')
  if (failures.length === 0) return undefined
  const order = findLargest(failures.map(failure => failure.order ?? 0))
  const isLarge = order >= LARGE_ORDER
  const sleeping = failures.filter(failure => maySleep(failure) || isReclaim(failure))
  const callers = [...new Set(failures.flatMap(({ caller }) => caller ?? []))]
  const names = [...new Set(failures.map(({ comm }) => comm || 'a process that the line does not name'))]
  return {
    name: isLarge ? 'memory-fragmented' : 'page-allocation-failures',
    title: formatTitle(isLarge, sleeping.length > 0),
    severity: 'warning',
    certainty: isLarge ? 'likely' : 'certain',
    summary: formatSummary(order, sleeping),
    evidence: [
      `${formatPlural(failures.length, 'failure')}, of ${names.slice(0, 5).join(', ')}`,
      ...(callers.length > 0 ? [`asked by ${callers.slice(0, 5).join(', ')}`] : []),
    ],
    remedy: listRemedies(order),
    wantedEvidence: ['meminfo'],
  }
}

function formatTitle(isLarge: boolean, isEnd: boolean): string {
  if (isLarge) return 'no pages in a row: memory is fragmented'
  return isEnd ? 'page allocations failed: memory was at its end' : 'page allocations failed'
}

function formatSummary(order: number, sleeping: readonly Failure[]): string {
  const pages = order === 0 ? 'one page' : `${2 ** order} pages in a row`
  const [first] = sleeping
  if (order >= LARGE_ORDER) return `The kernel asked for up to ${pages} and did not get them.`
  if (first && isReclaim(first))
    return `${first.comm}, which reclaims memory, did not get ${pages} itself: even the last reserves were empty.`
  if (first)
    return `A request that may wait and reclaim (${formatGfpMask(first.mode ?? '')}) did not get ${pages}: memory was at its end, this was no burst in an interrupt.`
  return 'Small requests in interrupts (GFP_ATOMIC) failed. In short bursts they are harmless, as for network drivers; if they go on, too little memory is kept free.'
}

// Compaction makes large blocks out of small ones: for one page it does nothing.
function listRemedies(order: number): readonly Remedy[] {
  const keepFree: Remedy = { text: 'raise vm.min_free_kbytes; find what fills memory at that time', risk: 'low' }
  if (order === 0)
    return [{ text: 'see what memory is used for', command: 'cat /proc/meminfo', risk: 'none' }, keepFree]
  return [
    { text: 'see free blocks by order', command: 'cat /proc/buddyinfo', risk: 'none' },
    { text: 'compact memory', command: 'echo 1 > /proc/sys/vm/compact_memory', risk: 'low' },
    keepFree,
  ]
}
