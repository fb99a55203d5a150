// A diagnosis that one saved text proves: certain, a warning, and without a remedy unless its rule has one.
import type { Diagnosis, EvidenceKind } from './diagnosis.ts'

/**
 * Returns a function that builds the diagnoses of a table.
 * @param sources what proves each diagnosis, by its name
 * @param wantedEvidence what would say more
 */
export const createDiagnosisBuilder =
  <Name extends string>(sources: Readonly<Record<Name, string>>, wantedEvidence: readonly EvidenceKind[]) =>
  (name: Name, title: string, summary: string, { evidence = [], ...rest }: Partial<Diagnosis> = {}): Diagnosis => ({
    name,
    title,
    severity: 'warning',
    certainty: 'certain',
    summary,
    evidence: [`from ${sources[name]}`, ...evidence],
    remedy: [],
    wantedEvidence,
    ...rest,
  })
