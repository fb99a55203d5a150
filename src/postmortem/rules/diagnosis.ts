// Diagnosis: a trouble by its name, how sure it is, what speaks for it, and what to do.
import type { Remedy, Severity } from '../../detectors/detector.ts'
import type { Facts } from '../facts.ts'

export interface Diagnosis {
  /** identity, in English words with dashes */
  readonly name: string
  readonly title: string
  readonly severity: Severity
  readonly certainty: 'certain' | 'likely' | 'possible'
  /** one sentence a tired person understands */
  readonly summary: string
  readonly evidence: readonly string[]
  readonly remedy: readonly Remedy[]
  /** what would make it more certain: keys of the table in missing.ts */
  readonly wantedEvidence: readonly EvidenceKind[]
}

/** Kinds of evidence that can be got from a node. */
export type EvidenceKind =
  | 'kernel log'
  | 'whole reports'
  | 'kernel release'
  | 'command line'
  | 'meminfo'
  | 'slabinfo'
  | 'slab listing'
  | 'cgroups'
  | 'cgroup listing'
  | 'kmem.slabinfo'

export type Rule = (facts: Facts) => Diagnosis | undefined
