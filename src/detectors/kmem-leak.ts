// The kmem accounting leak of Linux 3.10 to 5.8: slab caches of removed cgroups are never freed. It is recognised by several signs:
// kernel release, active accounting, copies of caches, SLUB failures, dying cgroups. On 3.10 it is announced before it happens.
import { formatBytes, formatCount, formatDuration, formatPlural } from '../base/format.ts'
import { parseKernelVersion } from '../base/kernel-version.ts'
import { getLatest } from '../base/series.ts'
import { quoteShellWord } from '../base/text.ts'
import { MAX_MEMCG_IDS } from '../collectors/cgroups/cgroup.ts'
import { computeMemcgIds, listExhaustionErrors } from '../collectors/cgroups/memcg-ids.ts'
import { countLiveNames } from '../collectors/cgroups/tree-queries.ts'
import { computeLargeKmalloc, LARGE_KMALLOC } from '../collectors/large-kmalloc.ts'
import { isReclaimable, selectCopies } from '../collectors/slab.ts'
import { countCopies } from '../collectors/slab-copies.ts'
import type { History } from '../history.ts'
import { buildCondition } from './condition-finding.ts'
import { type Detector, type Finding, sortByRisk } from './detector.ts'
import { listEvidence } from './evidence.ts'
import { estimateIdExhaustion } from './memcg-id-forecast.ts'
import { listLeakRemedies } from './remedies/cgroup-remedies.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

const THRESHOLDS = {
  deadCopies: [500, 'copies', 'copies of one cache for removed cgroups that count as a sign'],
  dying: [1000, 'cgroups', 'dying cgroups that count as a sign'],
  kmemCaches: [20_000, 'caches', 'objects of the cache `kmem_cache` that count as a sign'],
  slabShare: [0.05, 'share of RAM', 'unreclaimable slab that counts as a sign beside others'],
} as const satisfies ThresholdTable
type KmemLeakThresholds = ThresholdValues<typeof THRESHOLDS>

/** The signs of the leak on this node. */
interface LeakSigns {
  readonly active: boolean
  readonly deadCopies: number
  readonly dying: number
  readonly failures: number
  readonly caches: number
  readonly slab: number
  /** how many signs are beyond their threshold */
  readonly met: number
  /** one of them occurs with this leak only: later kernels keep dying cgroups for page cache too, but free their slab caches */
  readonly isSpecific: boolean
}

export const kmemLeak: Detector<typeof THRESHOLDS> = {
  title: 'slab caches of removed cgroups are never freed (kmem accounting of 3.10 to 5.8)',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['WILL LEAK'],
      meaning:
        'This kernel (3.10 to 5.8) accounts kernel memory per cgroup and does not free the caches of removed cgroups. Nothing has leaked yet.',
      lasts: 'while it holds',
      response: 'boot with `cgroup.memory=nokmem` where the kernel supports it, or update the kernel',
    },
    {
      titles: ['KMEM LEAK'],
      meaning:
        'The same, with at least two of five signs: SLUB failures, copies of caches, dying cgroups, rows of `kmem_cache`, slab.',
      lasts: 'while it holds',
      response: 'plan a reboot before IDs or memory run out',
    },
  ],
  collectors: ['cgroups', 'kmem', 'slab', 'slabinfo', 'kmsg'],
  thresholds: THRESHOLDS,
  detect: (history, thresholds) => {
    const { major, minor } = parseKernelVersion(history.session.kernel)
    const version = major * 1000 + minor
    if (!(version >= 3010 && version <= 5008)) return [] // from 5.9 on cgroups share slab caches
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

/** Returns the highest number of copies that one cache has for removed cgroups. */
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
  summary: `kernel ${history.session.kernel} ${isKernel310(history) ? 'never frees' : 'does not free'} the slab caches of removed cgroups: ${describeSigns(signs)}; ${describeEnd(history)}`,
  short: `${describeEnd(history)}: ${formatCount(signs.dying)} dying cgroups, ${formatBytes(signs.slab)} slab`,
  confidence: signs.met >= 3 ? `high: ${signs.met} of 5 signs` : 'medium: 2 of 5 signs',
  cost: 'each pod that ends leaks slab and a memcg ID until the next reboot',
  caches: listLargestCaches(history, signs),
})

const MIN_CACHE_SHARE = 0.1 // of unreclaimable slab

// The rows that make up the leak. Allocations without a cache are one of them.
function listLargestCaches({ slab, slabinfo, meminfo }: History, signs: LeakSigns): readonly string[] {
  const large = { name: LARGE_KMALLOC, bytes: getLatest(computeLargeKmalloc(meminfo, slabinfo)) ?? 0 }
  return [...slabinfo.caches.filter(({ name }) => !isReclaimable(slab, name)), large]
    .filter(({ bytes }) => bytes > 0 && bytes >= MIN_CACHE_SHARE * signs.slab)
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ name }) => name)
}

const isKernel310 = ({ session }: History): boolean => session.kernel.startsWith('3.10.')

// The leak ends in one of two ways: no memcg ID for the next pod, or no memory.
function describeEnd(history: History): string {
  const ids = computeMemcgIds(history)
  if (ids && ids.used >= MAX_MEMCG_IDS && !ids.isUpperBound)
    return `no memcg ID left: no pod can start (${listExhaustionErrors(history.session.kernel).join(' or ')})`
  const left = estimateIdExhaustion(history)
  return left === undefined
    ? 'in the end no pod can start or memory runs out'
    : `no memcg ID left in ~${formatDuration(left)}, then no pod can start`
}

const buildWillLeakFinding = (history: History, signs: LeakSigns): Finding => ({
  ...buildCommonFields(history, signs),
  severity: 'warning',
  title: 'WILL LEAK',
  summary: `this node will leak memory: kernel ${history.session.kernel} has kmem accounting on and never frees the slab caches of removed cgroups`,
  confidence: 'high, as soon as pods end on this node',
  cost: 'none yet; each pod that ends leaks slab caches and a memcg ID',
})

const describeSigns = ({ deadCopies, dying, failures, caches, slab }: LeakSigns): string =>
  [
    dying > 0 && `${formatCount(dying)} dying cgroups`,
    deadCopies > 0 && `${formatCount(deadCopies)} copies of one cache for removed cgroups`,
    caches > 1000 && `${formatCount(caches)} caches`,
    failures > 0 && `${formatPlural(failures, 'SLUB failure')} in caches of cgroups`,
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
      text: 'prints a table if kmem accounting is on, "Input/output error" if it is off',
      command: `head -3 ${quoteShellWord(`${path}/memory.kmem.slabinfo`)}`,
    },
    evidenceSeries: ['cgroups numCgroups', 'cgroups directories', 'meminfo SUnreclaim'],
    evidence: listEvidence(
      ['kernel', history.session.kernel, 'text'],
      ['kmem accounting', history.kmem.state ?? 'not asked', 'text'],
      ['dying cgroups', dying, 'count', 'dying'],
      ['kernel memcgs', history.cgroups.numCgroups, 'count', 'numCgroups'],
      ['time until no memcg ID is left', estimateIdExhaustion(history), 'ms', 'timeLeft'],
      ['copies of one cache for removed cgroups', deadCopies, 'count', 'dead copies of a cache'],
      ['slab caches', caches > 0 ? caches : null, 'count'],
      ['SLUB failures', failures, 'count'],
      ['SUnreclaim', slab, 'bytes'],
    ),
    remedy: sortByRisk(listLeakRemedies(history.session.kernel, null)),
  })
}
