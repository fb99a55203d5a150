// Diagnosis of the kmem leak of 3.10: memcgs that were removed keep their slab caches.
import { formatBytes, formatCount, formatPercent, formatPlural, formatTimes } from '../../base/format.ts'
import { listLeakRemedies } from '../../detectors/cgroup-remedies.ts'
import { NOT_IDS } from './cgroups.ts'
import type { Rule } from './diagnosis.ts'
import type { Facts } from './facts.ts'

const MANY_CACHES = 100
const MANY_CGROUPS = 10_000
const MUCH_SLAB = 0.1

interface Sign {
  readonly text: string
  /** says by itself that caches of single memcgs exist */
  readonly own: boolean
}

// What speaks for caches of memcgs that are not freed.
function signsOf(facts: Facts): readonly Sign[] {
  const { memcgFailures, memcgCaches, kmemCaches, numCgroups, directories, unreclaimable, cgroupErrors } = facts
  const ids = new Set(memcgFailures.map(({ memcgId }) => memcgId)).size
  const example = memcgFailures[0]
  const made = cgroupErrors.filter(({ isMade, error }) => isMade && error !== NOT_IDS)
  const said: readonly (Sign | false)[] = [
    memcgFailures.length > 0 && {
      own: true,
      text: `${formatPlural(memcgFailures.length, 'slab allocation failure')} in caches of ${formatPlural(ids, 'memcg')}, like ${example?.cache}(${example?.memcgId}:${example?.memcg}): kmem accounting was active`,
    },
    (memcgCaches ?? 0) >= MANY_CACHES && {
      own: true,
      text: `${formatCount(memcgCaches!)} slab caches belong to single memcgs, name(id:cgroup)`,
    },
    (kmemCaches ?? 0) >= 20_000 && {
      own: true,
      text: `the cache kmem_cache has ${formatCount(kmemCaches!)} objects, one for each slab cache`,
    },
    (numCgroups ?? 0) >= MANY_CGROUPS && {
      own: false,
      text: `the kernel counts ${formatCount(numCgroups!)} memory cgroups${directories === null ? '' : `, ${formatCount(directories)} directories exist`}`,
    },
    (unreclaimable?.share ?? 0) >= MUCH_SLAB && {
      own: false,
      text: `${formatBytes(unreclaimable!.bytes)} of slab cannot be reclaimed, ${formatPercent(unreclaimable!.share)} of RAM (${unreclaimable!.from})`,
    },
    made.length > 0 && {
      own: false,
      text: `${formatTimes(made.length)} a cgroup could not be made: ${made[0]!.error} (${made[0]!.program ?? 'a program'})`,
    },
  ]
  return said.filter(sign => sign !== false)
}

/** Memcgs that were removed keep their slab caches: kernel 3.10 with kmem accounting. KERNEL facts, signature 1. */
export const kmemLeak: Rule = facts => {
  const signs = signsOf(facts)
  const release = facts.releases.findLast(name => name.startsWith('3.10.'))
  const known = release ?? facts.releases.at(-1)
  const isOld = release !== undefined
  if (!signs.some(({ own }) => own) || (known !== undefined && !isOld)) return undefined
  const strong = signs.length >= 2 && isOld
  return {
    name: 'kmem-accounting-leak',
    title: `kernel-memory accounting leak of memory cgroups (kernel ${release ?? 'not told: 3.10 leaks, later ones hardly'})`,
    severity: 'critical',
    certainty: strong ? 'certain' : isOld ? 'likely' : 'possible',
    summary:
      'Every container gets slab caches of its own, and kernel 3.10 never frees those of removed cgroups: unreclaimable slab and memcg IDs run out, then pods cannot start although memory looks free.',
    evidence: signs.map(({ text }) => text),
    remedy: listLeakRemedies(release, facts.commandLine),
    wants: ['kernel release', 'slab listing', 'cgroups', 'cgroup listing', 'meminfo', 'kmem.slabinfo', 'command line'],
  }
}
