// Diagnosis of the kmem leak of 3.10: removed memcgs keep their slab caches.
import { formatBytes, formatCount, formatPercent, formatPlural, formatTimes } from '../../base/format.ts'
import type { MemoryEvent, PageAllocationFailure } from '../../collectors/kmsg/memory-event.ts'
import type { Remedy } from '../../detectors/detector.ts'
import { listLeakRemedies } from '../../detectors/remedies/cgroup-remedies.ts'
import type { Facts } from '../facts.ts'
import { NESTING_LIMIT_ERROR } from './cgroup-counts.ts'
import type { Rule } from './diagnosis.ts'

const MANY_CACHES = 100
const MANY_CGROUPS = 10_000
const MUCH_SLAB = 0.1

interface LeakSign {
  readonly text: string
  /** proves on its own that per-cgroup caches exist */
  readonly isConclusive: boolean
}

// The signs of per-cgroup caches that are not freed.
function collectSigns(facts: Facts): readonly LeakSign[] {
  const { memcgFailures, memcgCaches, kmemCaches, numCgroups, directories, unreclaimable, cgroupErrors } = facts
  const ids = new Set(memcgFailures.map(({ memcgId }) => memcgId)).size
  const example = memcgFailures[0]
  const failures = cgroupErrors.filter(({ isMkdir, error }) => isMkdir && error !== NESTING_LIMIT_ERROR)
  const arrays = facts.events.flatMap(event => (isMemcgArray(event) ? [event] : []))
  const caches = facts.events.filter(event => event.kind === 'kmem-cache-create-failed' && event.count === ENOMEM)
  const candidates: readonly (LeakSign | false)[] = [
    arrays.length > 0 && {
      isConclusive: true,
      text: `${formatTimes(arrays.length)} the array with a pointer for each memcg with kmem accounting could not grow (order ${arrays[0]!.order}, ${arrays[0]!.caller})`,
    },
    caches.length > 0 && {
      isConclusive: false,
      text: `${formatTimes(caches.length)} a slab cache could not be made: ${caches[0]!.text}`,
    },
    memcgFailures.length > 0 && {
      isConclusive: true,
      text: `${formatPlural(memcgFailures.length, 'slab allocation failure')} in caches of ${formatPlural(ids, 'memcg')}, like ${example?.cache}(${example?.memcgId}:${example?.memcg}): kmem accounting was active`,
    },
    (memcgCaches ?? 0) >= MANY_CACHES && {
      isConclusive: true,
      text: `${formatCount(memcgCaches!)} slab caches belong to single memcgs, name(id:cgroup)`,
    },
    (kmemCaches ?? 0) >= 20_000 && {
      isConclusive: true,
      text: `the cache kmem_cache has ${formatCount(kmemCaches!)} objects, one for each slab cache`,
    },
    (numCgroups ?? 0) >= MANY_CGROUPS && {
      isConclusive: false,
      text: `the kernel counts ${formatCount(numCgroups!)} memory cgroups${directories === null ? '' : `, ${formatCount(directories)} directories exist`}`,
    },
    (unreclaimable?.share ?? 0) >= MUCH_SLAB && {
      isConclusive: false,
      text: `${formatBytes(unreclaimable!.bytes)} of slab cannot be reclaimed, ${formatPercent(unreclaimable!.share)} of RAM (${unreclaimable!.from})`,
    },
    failures.length > 0 && {
      isConclusive: false,
      text: `${formatTimes(failures.length)} a cgroup could not be made: ${failures[0]!.error} (${failures[0]!.program ?? 'a program'})`,
    },
  ]
  return candidates.filter(sign => sign !== false)
}

const ENOMEM = 12
// Functions of 3.10 that create or resize the per-cgroup part of a slab cache. mm/memcontrol.c
const MEMCG_ARRAY = /^memcg_(?:alloc_cache_params|update_cache_size|update_all_caches|register_cache|init_list_lru)/

const isMemcgArray = (event: MemoryEvent): event is MemoryEvent & PageAllocationFailure =>
  event.kind === 'page-allocation-failure' && (event.order ?? 0) > 0 && MEMCG_ARRAY.test(event.caller ?? '')

const ASK_RELEASE: readonly Remedy[] = [
  { text: 'see which kernel it is before anything else: only 3.10 leaks', command: 'uname -r', risk: 'none' },
]

/** Diagnoses removed memcgs that keep their slab caches: kernel 3.10 with kmem accounting. */
export const detectKmemLeak: Rule = facts => {
  const signs = collectSigns(facts)
  const release = facts.releases.findLast(name => name.startsWith('3.10.'))
  const known = release ?? facts.releases.at(-1)
  const isOld = release !== undefined
  if (!signs.some(({ isConclusive: own }) => own) || (known !== undefined && !isOld)) return undefined
  const strong = signs.length >= 2 && isOld
  const uncertain = isOld ? 'likely' : 'possible'
  return {
    name: 'kmem-accounting-leak',
    title: `kernel-memory accounting leak of memory cgroups (kernel ${release ?? 'unknown: 3.10 leaks, later ones hardly'})`,
    severity: 'critical',
    certainty: strong ? 'certain' : uncertain,
    summary:
      'Every container gets slab caches of its own, and kernel 3.10 never frees those of removed cgroups: unreclaimable slab and memcg IDs run out, then pods cannot start although memory looks free.',
    evidence: signs.map(({ text }) => text),
    remedy: isOld ? listLeakRemedies(release, facts.commandLine) : ASK_RELEASE,
    wantedEvidence: [
      'kernel release',
      'slab listing',
      'cgroups',
      'cgroup listing',
      'meminfo',
      'kmem.slabinfo',
      'command line',
    ],
  }
}
