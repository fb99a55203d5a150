// Samples of sources: which could be read, and what each costs. By default those that matter most, and those with trouble.
import type { CollectorId } from '../../collectors/index.ts'
import type { SourceState } from '../../history.ts'
import type { MetricsInput } from './collect.ts'
import type { Sample } from './sample.ts'

/** Without these kmemtop is blind: the rule KmemtopBlind watches them. */
const ESSENTIAL: ReadonlySet<string> = new Set<CollectorId>(['kmsg', 'vmstat', 'meminfo', 'slabinfo', 'cgroups'])
/** Their cost grows with the node. */
const COSTLY: ReadonlySet<string> = new Set<CollectorId>(['kmsg', 'slabinfo', 'cgroups', 'slab', 'vmallocinfo'])
const HIGH_COST = 50 // ms

/** 1 for a source that could be read, 0 for one that could not. */
export const collectSourceStates = (input: MetricsInput): readonly Sample[] =>
  listSources(input)
    .filter(([source, { error }]) => input.isComplete || ESSENTIAL.has(source) || error !== undefined)
    .map(([source, { error }]) => ({ labels: { source }, value: error === undefined ? 1 : 0 }))

/** Seconds that the last sample of a source took. */
export const collectSourceCosts = (input: MetricsInput): readonly Sample[] =>
  listSources(input).flatMap(([source, { cost }]) => {
    if (cost === null || !(input.isComplete || COSTLY.has(source) || cost > HIGH_COST)) return []
    return [{ labels: { source }, value: cost / 1000 }]
  })

// The sources that this node has, by name.
const listSources = ({ history }: MetricsInput): readonly (readonly [string, SourceState])[] =>
  Object.entries(history.sources).filter(([, source]) => source.absent !== true)
