// The story of a case: diagnoses by name, what happened in order of time, what is missing. Pure.

import type { SavedFiles } from '../../sources/logs/read.ts'
import { type Evidence, mergeEvidence } from './case.ts'
import { detectCgroupLimit, detectCgroupPileUp, detectIdExhaustion, detectRefusedLimit } from './cgroups.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type Facts, collectFacts } from './facts.ts'
import { type KillGroup, groupKills } from './kills.ts'
import { detectKmemLeak } from './kmem-leak.ts'
import { type MissingEvidence, findMissing } from './missing.ts'
import { diagnoseLimitKills, diagnoseNodeKills } from './oom.ts'
import { detectCutReports, detectNothingToKill } from './oom-without-kill.ts'
import { detectPageFailures, applySimpleRules } from './others.ts'
import { detectMemcgSlabFailures, detectHeavySlab, detectSlabShortage } from './slab.ts'

export interface Postmortem {
  readonly evidence: Evidence
  readonly facts: Facts
  readonly groups: readonly KillGroup[]
  /** the loudest first */
  readonly diagnoses: readonly Diagnosis[]
  readonly missing: readonly MissingEvidence[]
}

const RULES = [
  detectKmemLeak,
  detectIdExhaustion,
  detectCgroupLimit,
  detectRefusedLimit,
  detectHeavySlab,
  detectNothingToKill,
  detectCgroupPileUp,
  detectMemcgSlabFailures,
  detectSlabShortage,
  detectPageFailures,
]

/** What saved files amount to. */
export function buildPostmortem(saved: SavedFiles): Postmortem {
  const evidence = mergeEvidence(saved)
  const facts = collectFacts(evidence)
  const groups = groupKills(evidence)
  const found = RULES.flatMap(rule => rule(facts) ?? [])
  const cut = groups.length === 0 ? (detectCutReports(facts) ?? []) : []
  const all = [...found, ...diagnoseNodeKills(groups), ...diagnoseLimitKills(groups), cut, ...applySimpleRules(facts)].flat()
  const diagnoses = all.toSorted((a, b) => Number(a.severity !== 'critical') - Number(b.severity !== 'critical'))
  return { evidence, facts, groups, diagnoses, missing: findMissing(evidence, facts, diagnoses) }
}
