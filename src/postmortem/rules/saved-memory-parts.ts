// Diagnoses from a saved meminfo: parts of RAM that are far larger than usual. Levels only: one file has no growth.
import { formatBytes, formatPercent } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { accountForRam } from '../../collectors/ram-identity.ts'
import { KERNEL_PART_HOLDERS, kernelMemory } from '../../detectors/kernel-memory.ts'
import { PINNED_CACHE_REMEDY, pinnedCache } from '../../detectors/pinned-cache.ts'
import { findSnapshot, type LogEvidence } from '../evidence.ts'
import type { Diagnosis } from './diagnosis.ts'
import { createDiagnosisBuilder } from './saved-text-diagnosis.ts'

/** The saved text that proves each of these diagnoses. */
export const PART_SOURCES = {
  'kernel-memory-large': 'its line and MemTotal in meminfo, or MemTotal less all other lines',
  'pinned-cache': 'Shmem and MemTotal in meminfo',
} as const

const create = createDiagnosisBuilder(PART_SOURCES, ['kernel log', 'meminfo', 'slabinfo'])

type Values = Readonly<Record<string, number>>

const MOST = 0.3 // of RAM: then it is what fills the node
// From 6.7 on the free lists of the CPUs, which meminfo does not count, may hold an eighth of RAM.
const UNACCOUNTED = 0.15

const [pageTables] = kernelMemory.thresholds.pageTables
const [percpu] = kernelMemory.thresholds.percpu
const [pinnedShare] = pinnedCache.thresholds.share

function describePart(name: string, bytes: number, total: number): Partial<Diagnosis> & { readonly title: string } {
  return {
    title: `${name} ${formatBytes(bytes)}, ${formatPercent(bytes / total)} of RAM`,
    severity: bytes >= MOST * total ? 'critical' : 'warning',
  }
}

function detectPart(values: Values, name: 'PageTables' | 'Percpu', words: string, least: number): readonly Diagnosis[] {
  const [bytes, total] = [values[name] ?? 0, values.MemTotal ?? 0]
  if (total === 0 || bytes < least * total) return []
  const { what, confirm } = KERNEL_PART_HOLDERS[name]
  const { title, ...rest } = describePart(words, bytes, total)
  return [
    create('kernel-memory-large', title, `Reclaim cannot free it. What usually uses it: ${what}.`, {
      ...rest,
      remedy: [{ text: 'see who holds it', command: confirm, risk: 'none' }],
    }),
  ]
}

function detectUnaccounted(values: Values, kernel: string): readonly Diagnosis[] {
  const account = accountForRam({ meminfo: new Map(Object.entries(values)), kernel })
  if (account === undefined || account.unaccounted < UNACCOUNTED * account.total) return []
  const { title, ...rest } = describePart('no line of meminfo accounts for', account.unaccounted, account.total)
  return [
    create(
      'kernel-memory-large',
      title,
      'It may be the ARC of ZFS, zram, huge pages of a second size, a balloon, or pages of a driver or a GPU.',
      {
        ...rest,
        certainty: 'possible',
        remedy: [
          {
            text: 'see which of them it is',
            command:
              'grep -s ^size /proc/spl/kstat/zfs/arcstats; zramctl; grep -sH . /sys/kernel/mm/hugepages/*/nr_hugepages; dmesg | grep -iE "balloon|nvidia|amdgpu|mlx"',
            risk: 'none',
          },
        ],
      },
    ),
  ]
}

function detectPinned(values: Values): readonly Diagnosis[] {
  const [shmem, total] = [values.Shmem ?? 0, values.MemTotal ?? 0]
  if (total === 0 || shmem < pinnedShare * total) return []
  const { title, ...rest } = describePart('shared memory and tmpfs files hold', shmem, total)
  const isSwappable = (values.SwapFree ?? 0) > 0
  return [
    create(
      'pinned-cache',
      title,
      `They count as cache, but ${isSwappable ? 'can only be swapped out' : 'cannot be freed'}.`,
      {
        ...rest,
        severity: 'warning',
        remedy: PINNED_CACHE_REMEDY,
      },
    ),
  ]
}

/** Parts of RAM that a saved meminfo shows to be large. */
export function diagnoseMemoryParts(evidence: LogEvidence, release: string | undefined): readonly Diagnosis[] {
  const snapshot = findSnapshot(evidence, 'meminfo')
  if (!snapshot || snapshot.nodes !== undefined) return []
  const { values } = snapshot
  return [
    ...detectPart(values, 'PageTables', 'page tables hold', pageTables),
    ...detectPart(values, 'Percpu', 'per-CPU memory holds', percpu),
    ...detectPinned(values),
    ...detectUnaccounted(values, release ?? ''),
  ]
}

const LARGE_PART = 0.05 // of RAM
const PARTS = ['AnonPages', 'Shmem', 'SUnreclaim', 'PageTables', 'Percpu', 'KernelStack', 'Hugetlb'] as const

/** What held most of the memory, from meminfo and a table of processes; a line each, none where they are not there. */
export function describeHolders(evidence: LogEvidence): readonly string[] {
  const values: Values = findSnapshot(evidence, 'meminfo')?.values ?? {}
  const total = values.MemTotal ?? 0
  const large = PARTS.map(name => ({ name, bytes: values[name] ?? 0 }))
    .filter(({ bytes }) => total > 0 && bytes >= LARGE_PART * total)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ name, bytes }) => `${name} ${formatBytes(bytes)} (${formatPercent(bytes / total)})`)
  return [...(large.length === 0 ? [] : [`largest parts: ${large.join(', ')}`]), ...describeProcesses(evidence)]
}

function describeProcesses(evidence: LogEvidence): readonly string[] {
  const table = findSnapshot(evidence, 'memory by name')
  const rows = table?.what === 'processes' ? table.rows.filter(({ bytes }) => bytes >= MiB) : []
  const largest = rows.slice(0, 3) // they are in order of size
  return largest.length === 0
    ? []
    : [`largest processes listed: ${largest.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}`]
}
