// A diagnosis: a problem by name, how certain it is, its evidence, and what to do.
import type { Remedy, Severity } from '../../detectors/detector.ts'
import type { Facts } from '../facts.ts'

/** A cause that the evidence supports, and what to do about it. */
export interface Diagnosis {
  /** identity: English words with dashes */
  readonly name: string
  readonly title: string
  readonly severity: Severity
  readonly certainty: 'certain' | 'likely' | 'possible'
  /** one plain sentence */
  readonly summary: string
  readonly evidence: readonly string[]
  readonly remedy: readonly Remedy[]
  /** evidence that would make it more certain: keys of the table in missing-evidence.ts */
  readonly wantedEvidence: readonly EvidenceKind[]
}

/** Kinds of evidence that a node can provide. */
export type EvidenceKind =
  | 'kernel log'
  | 'older kernel log'
  | 'whole reports'
  | 'kernel release'
  | 'command line'
  | 'meminfo'
  | 'slabinfo'
  | 'slab listing'
  | 'cgroups'
  | 'cgroup listing'
  | 'kmem.slabinfo'

/** Looks for one cause. Returns undefined if the facts do not support it. */
export type Rule = (facts: Facts) => Diagnosis | undefined
