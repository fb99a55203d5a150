// The postmortem: diagnoses by name, the timeline, and missing evidence. Pure.

import { type LogEvidence, mergeEvidence } from './evidence.ts'
import { collectFacts, type Facts } from './facts.ts'
import { listHosts, selectHost } from './hosts.ts'
import { groupKills, type KillGroup } from './kill-groups.ts'
import type { SavedFiles } from './logs/read-saved-files.ts'
import {
  detectCgroupLimit,
  detectCgroupPileUp,
  detectIdExhaustion,
  detectNearlyUsedIds,
  detectRefusedLimit,
} from './rules/cgroup-counts.ts'
import type { Diagnosis } from './rules/diagnosis.ts'
import { detectKernelParts } from './rules/kernel-parts.ts'
import { detectKilledBySignal } from './rules/killed-by-signal.ts'
import { detectKmemLeak } from './rules/kmem-leak.ts'
import { findMissing, type MissingEvidence } from './rules/missing-evidence.ts'
import { diagnoseNodeKills } from './rules/node-kills.ts'
import { diagnoseLimitKills } from './rules/oom-kills.ts'
import {
  detectCutReports,
  detectExitingVictims,
  detectNothingToKill,
  detectPanicOnOom,
} from './rules/oom-without-kill.ts'
import { detectOtherKillers, detectReaped, diagnoseRelayed } from './rules/other-killers.ts'
import { detectPageFailures } from './rules/page-failures.ts'
import { diagnosePartialTexts } from './rules/partial-texts.ts'
import { detectRefusedPrograms } from './rules/refused-programs.ts'
import { diagnoseSavedCgroups } from './rules/saved-cgroups.ts'
import { diagnoseMemoryParts } from './rules/saved-memory-parts.ts'
import { applySimpleRules } from './rules/simple-rules.ts'
import { detectHeavySlab, detectLargestCache, detectMemcgSlabFailures, detectSlabShortage } from './rules/slab.ts'
import { diagnoseSnapshots } from './rules/snapshot-state.ts'
import { detectStuckTasks } from './rules/stuck-tasks.ts'

/** The answer of `kmemtop analyze`. */
export interface Postmortem {
  readonly evidence: LogEvidence
  readonly facts: Facts
  readonly groups: readonly KillGroup[]
  /** most severe first, what is only possible last */
  readonly diagnoses: readonly Diagnosis[]
  readonly missing: readonly MissingEvidence[]
}

const RULES = [
  detectKmemLeak,
  detectIdExhaustion,
  detectNearlyUsedIds,
  detectCgroupLimit,
  detectRefusedLimit,
  detectHeavySlab,
  detectLargestCache,
  detectPanicOnOom,
  detectNothingToKill,
  detectReaped,
  detectCgroupPileUp,
  detectMemcgSlabFailures,
  detectSlabShortage,
  detectPageFailures,
  detectKernelParts,
  detectOtherKillers,
  detectRefusedPrograms,
  detectKilledBySignal,
]

/** Builds the postmortem of saved files. */
export function buildPostmortem(saved: SavedFiles): Postmortem {
  const evidence = mergeEvidence(saved)
  const facts = collectFacts(evidence)
  const diagnoses = diagnoseHosts(evidence).toSorted((a, b) => getRank(a) - getRank(b))
  return { evidence, facts, groups: groupKills(evidence), diagnoses, missing: findMissing(evidence, facts, diagnoses) }
}

// A remedy is for one machine.
function diagnoseHosts(evidence: LogEvidence): readonly Diagnosis[] {
  const hosts = listHosts(evidence)
  if (hosts.length === 0) return diagnose(evidence)
  return [...hosts, null].flatMap(host => {
    const found = diagnose(selectHost(evidence, host))
    return host === null ? found : found.map(one => ({ ...one, title: `${host}: ${one.title}` }))
  })
}

function diagnose(evidence: LogEvidence): readonly Diagnosis[] {
  const facts = collectFacts(evidence)
  const groups = groupKills(evidence)
  const found = RULES.flatMap(rule => rule(facts) ?? [])
  const alone = groups.length > 0 ? [] : [detectCutReports, detectExitingVictims].flatMap(rule => rule(facts) ?? [])
  return [
    ...found,
    ...diagnoseNodeKills(groups, facts.releases.at(-1) ?? null),
    ...diagnoseLimitKills(groups, facts.events),
    alone,
    ...diagnoseRelayed(evidence.relayed),
    ...applySimpleRules(facts),
    detectStuckTasks(facts) ?? [],
    ...diagnoseSnapshots(evidence),
    ...diagnoseSavedCgroups(evidence),
    ...diagnoseMemoryParts(evidence, facts.releases.at(-1)),
    ...diagnosePartialTexts(evidence),
  ].flat()
}

// Causes that are only possible come last, however severe they would be.
const getRank = ({ severity, certainty }: Diagnosis): number =>
  (certainty === 'possible' ? 2 : 0) + (severity === 'critical' ? 0 : 1)
