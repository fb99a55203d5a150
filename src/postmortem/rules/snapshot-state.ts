// Diagnoses from saved texts of kernel files and programs alone: what they show of the moment in which they were saved.
import { formatBytes, formatCount, formatPercent, formatPlural, formatTimes } from '../../base/format.ts'
import { findSnapshot, type LogEvidence } from '../evidence.ts'
import type { Diagnosis } from './diagnosis.ts'
import { describeHolders } from './saved-memory-parts.ts'
import { createDiagnosisBuilder } from './saved-text-diagnosis.ts'

type StateRule = (evidence: LogEvidence) => Diagnosis | undefined

const LITTLE = 0.05
const MUCH_RESERVED = 0.3
const LARGE_ORDER = 3
const MUCH_SWAPPING = 1000 // KiB per second

/** The saved text that proves each of these diagnoses. */
export const STATE_SOURCES = {
  'memory-nearly-used':
    'MemAvailable of meminfo, or the column available of free; where there is none, free memory, buffers and page cache; the meters of htop',
  'zone-below-mark': 'free pages and marks in zoneinfo',
  'no-large-blocks': 'free blocks in buddyinfo',
  'huge-pages-unused': 'free huge pages in meminfo or /sys/kernel/mm/hugepages',
  swapping: 'the columns si and so of vmstat, or paging of dstat',
  'swap-nearly-used': 'SwapTotal and SwapFree of meminfo, or the same in free, top, swapon or sar -S',
  'oom-kills-counted': 'oom_kill in /proc/vmstat, or a line oom_kill',
  'cgroup-oom-kills-counted': 'oom_kill in memory.events',
  'memory-pressure': 'avg60 in /proc/pressure/memory or memory.pressure',
} as const

const create = createDiagnosisBuilder(STATE_SOURCES, ['kernel log', 'meminfo', 'slabinfo'])

interface SavedMemory {
  readonly total: number | null
  readonly available: number | null
  readonly swapTotal: number | null
  readonly swapFree: number | null
  readonly samples: number | undefined
}

function findMemory(evidence: LogEvidence): SavedMemory {
  const values = findSnapshot(evidence, 'meminfo')?.values
  const free = findSnapshot(evidence, 'free')
  const swap = findSnapshot(evidence, 'swap')
  return {
    total: values?.MemTotal ?? free?.total ?? null,
    available: values?.MemAvailable ?? free?.available ?? null,
    swapTotal: values?.SwapTotal ?? free?.swapTotal ?? swap?.total ?? null,
    swapFree: values?.SwapFree ?? free?.swapFree ?? swap?.free ?? null,
    samples: values?.MemAvailable === undefined ? free?.samples : undefined,
  }
}

const detectLittleAvailable: StateRule = evidence => {
  const { total, available, swapTotal, swapFree, samples } = findMemory(evidence)
  if (!total || available === null || available > LITTLE * total) return undefined
  const swap =
    swapTotal && swapFree !== null
      ? [`${formatPercent(1 - swapFree / swapTotal)} of ${formatBytes(swapTotal)} swap used`]
      : []
  return create(
    'memory-nearly-used',
    `only ${formatBytes(available)} of ${formatBytes(total)} RAM were available (${formatPercent(available / total)})`,
    samples === undefined
      ? 'When this was saved, memory was nearly used up.'
      : `In the worst of ${formatPlural(samples, 'sample')}, memory was nearly used up.`,
    { evidence: [...describeHolders(evidence), ...swap] },
  )
}

const MUCH_SWAP = 0.9
const ROOMY = 0.2

// Full swap says little while much memory is available.
const detectFullSwap: StateRule = evidence => {
  const { total, available, swapTotal, swapFree } = findMemory(evidence)
  if (!swapTotal || swapFree === null || swapFree > (1 - MUCH_SWAP) * swapTotal) return undefined
  if (total && available !== null && (available <= LITTLE * total || available > ROOMY * total)) return undefined
  const used = swapTotal - swapFree
  return create(
    'swap-nearly-used',
    `${formatBytes(used)} of ${formatBytes(swapTotal)} swap was used (${formatPercent(used / swapTotal)})`,
    'Then memory of programs can hardly be reclaimed: the next shortage may end in OOM kills. How much memory was available decides how bad it is.',
    {
      remedy: [
        {
          text: 'find the processes with most memory in swap',
          command: 'grep -H VmSwap /proc/[0-9]*/status | sort -k2 -n | tail',
          risk: 'none',
        },
      ],
    },
  )
}

const detectZoneBelowMark: StateRule = evidence => {
  const zones = findSnapshot(evidence, 'zoneinfo')?.zones ?? []
  // Movable and Device are often without a page, and have marks all the same
  const short = zones.filter(
    ({ free, low, managed, present }) => free !== null && low !== null && free < low && (managed ?? present) !== 0,
  )
  const [first] = short
  if (!first) return undefined
  return create(
    'zone-below-mark',
    `zone ${first.name} of node ${first.node} had ${formatCount(first.free!)} free pages, below its low mark of ${formatCount(first.low!)}`,
    'Below its low mark a zone is reclaimed; below its min mark only requests that may use reserves get pages.',
    {
      evidence: short
        .slice(1, 4)
        .map(({ node, name, free }) => `node ${node} ${name}: ${formatCount(free!)} free pages`),
    },
  )
}

const detectNoLargeBlocks: StateRule = evidence => {
  const zones = findSnapshot(evidence, 'buddyinfo')?.zones.filter(({ name }) => !/^DMA|Movable/.test(name)) ?? []
  const short = zones.filter(({ blocks }) => blocks.slice(LARGE_ORDER).every(count => count === 0))
  if (short.length === 0) return undefined
  return create(
    'no-large-blocks',
    `no free block of order ${LARGE_ORDER} or more in ${short.map(({ node, name }) => `zone ${name} of node ${node}`).join(', ')}`,
    `Requests for ${2 ** LARGE_ORDER} pages in a row must wait for compaction, and may fail: memory is fragmented.`,
    { remedy: [{ text: 'compact memory', command: 'echo 1 > /proc/sys/vm/compact_memory', risk: 'low' }] },
  )
}

const detectUnusedHugePages: StateRule = evidence => {
  const values = findSnapshot(evidence, 'meminfo')?.values
  const pools = findSnapshot(evidence, 'huge pages')?.pools ?? []
  const free =
    pools.length > 0
      ? pools.reduce((sum, pool) => sum + (pool.free ?? 0) * pool.pageSize, 0)
      : (values?.HugePages_Free ?? 0) * (values?.Hugepagesize ?? 0)
  const { total } = findMemory(evidence)
  if (free === 0 || (total === null ? free < 2 ** 30 : free < MUCH_RESERVED * total)) return undefined
  return create(
    'huge-pages-unused',
    `${formatBytes(free)} are set aside as huge pages that nobody uses${total === null ? '' : `, ${formatPercent(free / total)} of RAM`}`,
    'Nobody else may use memory that is set aside as huge pages.',
    { remedy: [{ text: 'set fewer huge pages aside', command: 'sysctl vm.nr_hugepages', risk: 'low' }] },
  )
}

const detectSwapping: StateRule = evidence => {
  const report = findSnapshot(evidence, 'vmstat report')
  if (!report || Math.min(report.swapIn, report.swapOut) < MUCH_SWAPPING) return undefined
  return create(
    'swapping',
    `the node swapped up to ${formatCount(report.swapIn)} KiB/s in and ${formatCount(report.swapOut)} KiB/s out`,
    'What runs needs more memory than there is: pages are read back as fast as they are written out.',
  )
}

const detectCountedKills: StateRule = evidence => {
  const kills = findSnapshot(evidence, 'vmstat')?.values.oom_kill ?? 0
  const unnamed = findSnapshot(evidence, 'oom_kill')?.count ?? 0
  if (kills === 0 && unnamed > 0)
    return create(
      'oom-kills-counted',
      `${formatPlural(unnamed, 'OOM kill')} counted (oom_kill)`,
      'The text does not say whether the node (/proc/vmstat) or a cgroup (memory.events) counted them, nor who was killed.',
    )
  if (kills === 0) return undefined
  return create(
    'oom-kills-counted',
    `${formatPlural(kills, 'OOM kill')} since boot (/proc/vmstat)`,
    'The counter does not say who was killed, nor when: the kernel log does.',
  )
}

// The counters of a cgroup on v2. They count its children too.
const detectCgroupKills: StateRule = evidence => {
  const { oom_kill: kills = 0, oom = 0, max = 0 } = findSnapshot(evidence, 'memory.events')?.values ?? {}
  if (kills + oom === 0) return undefined
  return create(
    'cgroup-oom-kills-counted',
    `${formatPlural(kills, 'OOM kill')} in a cgroup (memory.events), its limit hit ${formatTimes(max)}`,
    'The counters do not say who was killed, nor when: the kernel log does.',
    { evidence: [`${formatCount(oom)} times out of memory`] },
  )
}

const HIGH_PRESSURE = 10 // percent of the last minute

const detectPressure: StateRule = evidence => {
  const { some = null, full = null } = findSnapshot(evidence, 'memory pressure') ?? {}
  if ((full?.avg60 ?? some?.avg60 ?? 0) < HIGH_PRESSURE) return undefined
  const stalled = full
    ? `all tasks were stalled on memory ${full.avg60} %`
    : `tasks were stalled on memory ${some?.avg60} %`
  return create(
    'memory-pressure',
    `${stalled} of the last minute (PSI)`,
    'They waited for reclaim, or for pages to be read back: memory was too small for what ran.',
    { evidence: some && full ? [`some tasks: ${some.avg60} %`] : [] },
  )
}

const RULES = [
  detectLittleAvailable,
  detectFullSwap,
  detectZoneBelowMark,
  detectNoLargeBlocks,
  detectUnusedHugePages,
  detectSwapping,
  detectCountedKills,
  detectCgroupKills,
  detectPressure,
]

/** Returns what the saved texts alone show. */
export const diagnoseSnapshots = (evidence: LogEvidence): readonly Diagnosis[] =>
  RULES.flatMap(rule => rule(evidence) ?? [])
