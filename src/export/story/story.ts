// The story of a case: diagnoses by name, what happened in order of time, what is missing. Pure.

import type { Saved } from '../../sources/logs/read.ts'
import { type Case, caseOf } from './case.ts'
import { cgroupLimit, cgroupsPileUp, idsExhausted, limitRefused } from './cgroups.ts'
import type { Diagnosis } from './diagnosis.ts'
import { type Facts, factsOf } from './facts.ts'
import { type KillGroup, killGroups } from './kills.ts'
import { kmemLeak } from './kmem-leak.ts'
import { type Missing, missingOf } from './missing.ts'
import { limitKills, nodeKills } from './oom.ts'
import { cutReports, nothingToKill } from './oom-without-kill.ts'
import { pageFailures, simpleDiagnoses } from './others.ts'
import { memcgSlabFailures, slabHeavy, slabShortage } from './slab.ts'

export interface Story {
  readonly case: Case
  readonly facts: Facts
  readonly groups: readonly KillGroup[]
  /** the loudest first */
  readonly diagnoses: readonly Diagnosis[]
  readonly missing: readonly Missing[]
}

const RULES = [
  kmemLeak,
  idsExhausted,
  cgroupLimit,
  limitRefused,
  slabHeavy,
  nothingToKill,
  cgroupsPileUp,
  memcgSlabFailures,
  slabShortage,
  pageFailures,
]

/** What saved files amount to. */
export function storyOf(saved: Saved): Story {
  const of = caseOf(saved)
  const facts = factsOf(of)
  const groups = killGroups(of)
  const found = RULES.flatMap(rule => rule(facts) ?? [])
  const cut = groups.length === 0 ? (cutReports(facts) ?? []) : []
  const all = [...found, ...nodeKills(groups), ...limitKills(groups), cut, ...simpleDiagnoses(facts)].flat()
  const diagnoses = all.toSorted((a, b) => Number(a.severity !== 'critical') - Number(b.severity !== 'critical'))
  return { case: of, facts, groups, diagnoses, missing: missingOf(of, facts, diagnoses) }
}
