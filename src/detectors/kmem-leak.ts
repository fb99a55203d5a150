// The kmem-accounting leak of 3.10 to 5.8: slab caches of removed cgroups that are never freed. A composite of signs: release,
// accounting active, copies of caches, SLUB's complaints, zombies; and on 3.10 *this node will leak* before it does.

import { formatBytes, formatCount, formatDuration } from '../base/format.ts'
import { parseKernelVersion } from '../base/kernel-version.ts'
import { getLatest } from '../base/series.ts'
import { quoteShellWord } from '../base/text.ts'
import { MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import { computeMemcgIds, listExhaustionErrors } from '../collectors/cgroups/memcg-ids.ts'
import { countLiveNames } from '../collectors/cgroups/tree-queries.ts'
import { selectCopies } from '../collectors/slab.ts'
import { countCopies } from '../collectors/slab-copies.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import { type Detector, type Finding, sortByRisk } from './detector.ts'
import { estimateIdExhaustion } from './memcg-ids.ts'
import { listLeakRemedies } from './remedies/cgroup-remedies.ts'

const defaults = {
  /** copies of one cache whose cgroup is gone, and dying cgroups, that are a sign */
  deadCopies: 500,
  dying: 1000,
  /** objects of the cache `kmem_cache`, one for each cache there is */
  kmemCaches: 20_000,
  /** share of RAM in SUnreclaim that is a sign beside others */
  slabShare: 0.05,
}
type KmemLeakThresholds = Readonly<typeof defaults>

/** What was seen of it. */
interface LeakSigns {
  readonly active: boolean
  readonly deadCopies: number
  readonly dying: number
  readonly failures: number
  readonly caches: number
  readonly slab: number
  /** how many of them are beyond their threshold */
  readonly met: number
  /** one is a sign of this leak alone: later kernels keep dying cgroups for their page cache too, and free their caches in the end */
  readonly isSpecific: boolean
}

export const kmemLeak: Detector<KmemLeakThresholds> = {
  title: 'slab caches of removed cgroups are never freed (kmem accounting of 3.10 to 5.8)',
  collectors: ['cgroups', 'kmem', 'slab', 'slabinfo', 'kmsg'],
  defaults,
  detect: (history, thresholds) => {
    const { major, minor } = parseKernelVersion(history.session.kernel)
    const version = major * 1000 + minor
    if (!(version >= 3010 && version <= 5008)) return [] // from 5.9 on caches are shared
    const signs = collectSigns(history, thresholds)
    if (signs.met >= 2 && (isKernel310(history) || signs.isSpecific)) return [buildLeakFinding(history, signs)]
    return signs.active && isKernel310(history) ? [buildWillLeakFinding(history, signs)] : []
  },
}

function collectSigns(history: History, thresholds: KmemLeakThresholds): LeakSigns {
  const failures = history.kmsg.events.filter(
    event => event.kind === 'slab-allocation-failure' && event.memcgId !== null,
  ).length
  const deadCopies = countDeadCopies(history)
  const dying = history.cgroups.dying ?? 0
  const caches = history.slabinfo.caches.find(({ name }) => name === 'kmem_cache')?.numObjs ?? 0
  const slab = getLatest(history.meminfo.series.SUnreclaim) ?? 0
  const total = history.meminfo.values.get('MemTotal') ?? Number.POSITIVE_INFINITY
  const specificCount = [failures > 0, deadCopies >= thresholds.deadCopies, caches >= thresholds.kmemCaches].filter(
    Boolean,
  ).length
  const met = specificCount + Number(dying >= thresholds.dying) + Number(slab >= thresholds.slabShare * total)
  const active = failures > 0 || history.kmem.state === 'active' || selectCopies(history).size > 0
  return { active, deadCopies, dying, failures, caches, slab, met: active ? met : 0, isSpecific: specificCount > 0 }
}

let memo: { readonly key: readonly unknown[]; readonly dead: number } | undefined

/** The most copies that one cache has for cgroups that are gone. */
function countDeadCopies(history: History): number {
  const { cgroups } = history
  const all = selectCopies(history)
  if (all.size === 0) return 0
  if (memo?.key[0] === all && memo.key[1] === cgroups.cgroups) return memo.dead
  const live = countLiveNames(cgroups)
  const dead = Math.max(0, ...[...all.values()].map(copies => countCopies(copies, live).dead ?? 0))
  memo = { key: [all, cgroups.cgroups], dead }
  return dead
}

const buildLeakFinding = (history: History, signs: LeakSigns): Finding => ({
  ...buildCommonFields(history, signs),
  severity: 'critical',
  title: 'KMEM LEAK',
  summary: `kernel ${history.session.kernel} ${isKernel310(history) ? 'never frees' : 'does not get rid of'} the slab caches of removed cgroups: ${describeSigns(signs)}${describeEnd(history)}`,
  short: `${formatCount(signs.dying)} dying cgroups, ${formatBytes(signs.slab)} slab${describeEnd(history)}`,
  confidence: signs.met >= 3 ? `high: ${signs.met} of 5 signs` : 'medium: 2 of 5 signs',
  cost: 'slab and memcg IDs are lost with each pod that ends, until a reboot',
})

const isKernel310 = ({ session }: History): boolean => session.kernel.startsWith('3.10.')

// It ends in one of two ways: no ID left for the next pod, or no memory.
function describeEnd(history: History): string {
  const ids = computeMemcgIds(history)
  if (ids && ids.used >= MAX_MEMCG_IDS && !ids.isUpperBound)
    return `; no memcg ID is left: no pod can start (${listExhaustionErrors(history.session.kernel).join(' or ')})`
  const left = estimateIdExhaustion(history)
  return left === undefined
    ? '; it ends with pods that cannot start, or with no memory'
    : `; in ~${formatDuration(left)} no memcg ID is left and no pod can start`
}

const buildWillLeakFinding = (history: History, signs: LeakSigns): Finding => ({
  ...buildCommonFields(history, signs),
  severity: 'warning',
  title: 'WILL LEAK',
  summary: `this node will leak: kernel ${history.session.kernel} accounts slab for each cgroup and never frees the caches of removed ones`,
  confidence: 'high that it will, unless no pod ever ends here',
  cost: 'nothing yet; each pod that ends leaves caches and a memcg ID behind',
})

const describeSigns = ({ deadCopies, dying, failures, caches, slab }: LeakSigns): string =>
  [
    dying > 0 && `${formatCount(dying)} dying cgroups`,
    deadCopies > 0 && `${formatCount(deadCopies)} copies of one cache for cgroups that are gone`,
    caches > 1000 && `${formatCount(caches)} caches`,
    failures > 0 && `${formatCount(failures)} SLUB failure${failures === 1 ? '' : 's'} in caches of cgroups`,
    `${formatBytes(slab)} of unreclaimable slab`,
  ]
    .filter(Boolean)
    .slice(0, 3)
    .join(', ')

function buildCommonFields(history: History, { deadCopies, dying, failures, caches, slab }: LeakSigns) {
  const path = history.kmem.path ?? '/sys/fs/cgroup/memory/kubepods'
  return buildCondition(history, {
    subject: 'kmem accounting',
    severity: 'warning',
    title: '',
    summary: '',
    confirm: {
      text: 'a table: accounting is active; Input/output error: it is not',
      command: `head -3 ${quoteShellWord(`${path}/memory.kmem.slabinfo`)}`,
    },
    courses: ['cgroups numCgroups', 'cgroups directories', 'meminfo SUnreclaim'],
    evidence: {
      kernel: history.session.kernel,
      'kmem accounting': history.kmem.state ?? 'not asked',
      dying,
      numCgroups: history.cgroups.numCgroups,
      timeLeft: estimateIdExhaustion(history) ?? null,
      'dead copies of a cache': deadCopies,
      'slab caches': caches > 0 ? caches : null,
      'SLUB failures': failures,
      SUnreclaim: slab,
    },
    remedy: sortByRisk(listLeakRemedies(history.session.kernel, null)),
  })
}
