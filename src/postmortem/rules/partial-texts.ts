// Diagnoses from texts that say how much is used and not of how much: a meminfo that was grepped, `kubectl top`.
import { formatBytes, formatPercent } from '../../base/format.ts'
import { findSnapshot, type LogEvidence } from '../evidence.ts'
import type { Diagnosis } from './diagnosis.ts'
import { createDiagnosisBuilder } from './saved-text-diagnosis.ts'

type TextRule = (evidence: LogEvidence) => Diagnosis | undefined

/** The saved text that proves each of these diagnoses. */
export const PARTIAL_SOURCES = {
  'memory-nearly-used': 'the column MEMORY% of kubectl top',
  'unreclaimable-slab': 'SUnreclaim in meminfo, or nr_slab_unreclaimable in vmstat as pages of 4 KiB',
} as const

const create = createDiagnosisBuilder(PARTIAL_SOURCES, ['kernel log', 'meminfo', 'slabinfo'])

const LARGE_SLAB = 2 ** 30

const PAGE = 4096 // bytes on nearly all machines: the text does not say

// A meminfo that was grepped lacks the size of the machine, and so does vmstat.
const detectUnsizedSlab: TextRule = evidence => {
  const values = findSnapshot(evidence, 'meminfo')?.values
  const pages = findSnapshot(evidence, 'vmstat')?.values.nr_slab_unreclaimable ?? 0
  const bytes = values?.SUnreclaim ?? pages * PAGE
  if (bytes < LARGE_SLAB || values?.MemTotal !== undefined || findSnapshot(evidence, 'free') !== undefined)
    return undefined
  return create(
    'unreclaimable-slab',
    `${formatBytes(bytes)} of slab could not be reclaimed`,
    'Whether that is much depends on how much RAM the machine has, which the text does not say.',
    {
      certainty: 'possible',
      remedy: [{ text: 'see which cache it is', command: 'slabtop -o -s c | head -20', risk: 'none' }],
    },
  )
}

const NEAR = 0.95

// For single nodes kubectl prints the share of what pods may use.
const detectFullNodes: TextRule = evidence => {
  const table = findSnapshot(evidence, 'memory by name')
  const rows = table?.what === 'kubectl top' ? table.rows : []
  const full = rows.filter(({ bytes, limit }) => limit !== null && bytes >= NEAR * limit)
  const [first] = full
  if (!first) return undefined
  return create(
    'memory-nearly-used',
    `node ${first.name} used ${formatBytes(first.bytes)}, ${formatPercent(first.bytes / first.limit!)} of what pods may use`,
    'When this was saved, the node was close to evicting pods.',
    { evidence: full.slice(1, 4).map(({ name, bytes }) => `node ${name}: ${formatBytes(bytes)}`) },
  )
}

/** What such texts show. */
export const diagnosePartialTexts = (evidence: LogEvidence): readonly Diagnosis[] =>
  [detectFullNodes, detectUnsizedSlab].flatMap(rule => rule(evidence) ?? [])
