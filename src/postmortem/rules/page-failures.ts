// Diagnosis of page allocations that failed: what the request was allowed to do decides what it means.
import { findLargest } from '../../base/extremes.ts'
import { formatPlural } from '../../base/format.ts'
import type { MemoryEvent, PageAllocationFailure } from '../../collectors/kmsg/memory-event.ts'
import { formatGfpMask } from '../../collectors/kmsg/oom/gfp-mask.ts'
import type { Remedy } from '../../detectors/detector.ts'
import type { Rule } from './diagnosis.ts'

type Failure = MemoryEvent & PageAllocationFailure

const LARGE_ORDER = 3
// Follows include/linux/gfp_types.h: what may wait for memory to be reclaimed, what gives up early, what takes only some pages
const MAY_SLEEP = /GFP_KERNEL|GFP_NOFS|GFP_NOIO|GFP_USER|GFP_HIGHUSER|__GFP_WAIT|__GFP_DIRECT_RECLAIM/
const GIVES_UP = /__GFP_(?:NORETRY|REPEAT|RETRY_MAYFAIL)/
const OF_ZONE = /\b(?:__)?GFP_(DMA32|DMA)\b/
const OF_NODE = /__GFP_THISNODE/

const nameMode = ({ mode }: Failure): string => (mode === null ? 'of unknown mode' : formatGfpMask(mode))

/** What a failure shows, in the order of how much it says about the memory of the machine. */
interface Meaning {
  readonly title: string
  readonly explain: (failure: Failure, pages: string) => string
  readonly fits: (failure: Failure, mode: string) => boolean
}

const isKswapd = ({ comm }: Failure): boolean => /^kswapd\d+$/.test(comm)
const isLimited = (mode: string): boolean => OF_ZONE.test(mode) || OF_NODE.test(mode) || GIVES_UP.test(mode)

const MEANINGS: readonly Meaning[] = [
  {
    title: 'page allocations failed: memory was at its end',
    fits: (failure, mode) => isKswapd(failure) && MAY_SLEEP.test(mode),
    explain: ({ comm }, pages) =>
      `${comm}, which reclaims memory, did not get ${pages} itself: even the last reserves were empty.`,
  },
  {
    title: 'page allocations failed: memory was at its end',
    fits: (_, mode) => MAY_SLEEP.test(mode) && !isLimited(mode),
    explain: (failure, pages) =>
      `A request that may wait and reclaim (${nameMode(failure)}) did not get ${pages}: memory was at its end, this was no burst in an interrupt.`,
  },
  {
    title: 'page allocations failed: a zone for devices had none to give',
    fits: (_, mode) => OF_ZONE.test(mode),
    explain: (failure, pages) =>
      `A request for memory below 4 GiB (${nameMode(failure)}) did not get ${pages} of zone ${OF_ZONE.exec(nameMode(failure))?.[1]}. Other zones may have had free pages.`,
  },
  {
    title: 'page allocations failed: a NUMA node had none to give',
    fits: (_, mode) => OF_NODE.test(mode),
    explain: (failure, pages) =>
      `A request for pages of one NUMA node (${nameMode(failure)}) did not get ${pages}. Other nodes may have had free pages.`,
  },
  {
    title: 'page allocations failed: they gave up early, as they were asked to',
    fits: (_, mode) => GIVES_UP.test(mode) && MAY_SLEEP.test(mode),
    explain: (failure, pages) =>
      `A request that does not try for long (${nameMode(failure)}) did not get ${pages}. Its caller usually has another way.`,
  },
  {
    title: 'page allocations failed while memory was reclaimed',
    fits: isKswapd,
    explain: (failure, pages) =>
      `While ${failure.comm} reclaimed memory, a request that may not wait (${nameMode(failure)}), of an interrupt or its own, did not get ${pages}. In short bursts that is harmless, as for network drivers; if it goes on, too little memory is kept free.`,
  },
  {
    title: 'page allocations failed',
    fits: () => true,
    explain: failure =>
      `Small requests that may not wait (${nameMode(failure)}), as in interrupts, failed. In short bursts they are harmless, as for network drivers; if they go on, too little memory is kept free.`,
  },
]

const rankMeaning = (failure: Failure): number => {
  const mode = failure.mode === null ? '' : formatGfpMask(failure.mode)
  return MEANINGS.findIndex(({ fits }) => fits(failure, mode))
}

/** Page allocations that failed: fragmentation, the end of the memory, one zone or node, or a moment in an interrupt. */
export const detectPageFailures: Rule = ({ events }) => {
  const failures = events.filter((event): event is Failure => event.kind === 'page-allocation-failure')
  const [worst] = failures.toSorted((a, b) => rankMeaning(a) - rankMeaning(b))
  if (!worst) return undefined
  const order = findLargest(failures.map(failure => failure.order ?? 0))
  const isLarge = order >= LARGE_ORDER
  const meaning = MEANINGS[rankMeaning(worst)]!
  const pages = formatPages(worst.order ?? 0)
  return {
    name: isLarge ? 'memory-fragmented' : 'page-allocation-failures',
    title: isLarge ? titleLarge(failures) : meaning.title,
    severity: 'warning',
    certainty: isLarge ? 'likely' : 'certain',
    summary: isLarge
      ? `The kernel asked for up to ${formatPages(order)} and did not get them.`
      : meaning.explain(worst, pages),
    evidence: listEvidence(failures),
    remedy: listRemedies(order),
    wantedEvidence: ['meminfo'],
  }
}

// Of one zone only: what is free in the others does not help.
function titleLarge(failures: readonly Failure[]): string {
  const zones = failures.map(failure => OF_ZONE.exec(nameMode(failure))?.[1])
  const [zone] = zones
  return zone !== undefined && zones.every(one => one === zone)
    ? `no pages in a row in zone ${zone}`
    : 'no pages in a row: memory is fragmented'
}

const formatPages = (order: number): string => (order === 0 ? 'one page' : `${2 ** order} pages in a row`)

function listEvidence(failures: readonly Failure[]): readonly string[] {
  const callers = [...new Set(failures.flatMap(({ caller }) => caller ?? []))]
  const guesses = [...new Set(failures.flatMap(({ likelyCaller }) => likelyCaller ?? []))]
  const names = [...new Set(failures.map(({ comm }) => comm || 'a process that the line does not name'))]
  return [
    `${formatPlural(failures.length, 'failure')}, of ${names.slice(0, 5).join(', ')}`,
    ...(callers.length > 0 ? [`asked by ${callers.slice(0, 5).join(', ')}`] : []),
    ...(guesses.length > 0
      ? [`perhaps asked by ${guesses.slice(0, 5).join(', ')}: the kernel is not sure of the stack`]
      : []),
  ]
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
