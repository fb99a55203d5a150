// Diagnoses about slab: it fills the node, or a cache cannot grow.
import { formatBytes, formatPercent, formatPlural } from '../../base/format.ts'
import type { Diagnosis, Rule } from './diagnosis.ts'
import { detectKmemLeak } from './kmem-leak.ts'

const MUCH_SLAB = 0.1
const MOST_SLAB = 0.3

/** Diagnoses unreclaimable slab that uses much of the RAM and is not the leak of 3.10. */
export const detectHeavySlab: Rule = facts => {
  const { unreclaimable, dumpedSlab: dumped } = facts
  const share = unreclaimable?.share ?? 0
  if ((share < MUCH_SLAB && dumped.length === 0) || detectKmemLeak(facts)) return undefined
  const isMost = share >= MOST_SLAB || (unreclaimable === null && dumped.length > 0)
  const top = dumped.toSorted((a, b) => b.total - a.total).slice(0, 3)
  const listed = facts.caches.slice(0, 3)
  const largest = top[0]?.name ?? listed[0]?.name
  const size = unreclaimable ? ` ${formatPercent(share)} of RAM` : ''
  return {
    name: 'unreclaimable-slab',
    title: isMost ? 'unreclaimable slab fills the node' : `unreclaimable slab holds${size || ' much of the node'}`,
    severity: isMost ? 'critical' : 'warning',
    certainty: 'certain',
    summary: isMost
      ? 'The kernel itself holds the memory, in slab that no reclaim can free; processes die in its place.'
      : 'The kernel holds more than it does on most nodes, and no reclaim can free it; the processes hold more still.',
    evidence: [
      ...(unreclaimable
        ? [`${formatBytes(unreclaimable.bytes)} cannot be reclaimed,${size} (${unreclaimable.from})`]
        : []),
      ...(top.length > 0
        ? [`the kernel's own list: ${top.map(({ name, total }) => `${name} ${formatBytes(total)}`).join(', ')}`]
        : []),
      ...(listed.length > 0
        ? [`largest caches in slabinfo: ${listed.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}`]
        : []),
    ],
    remedy: [
      {
        text:
          largest === undefined
            ? 'see which cache it is, and what is merged into it'
            : `see whether ${largest} grows, and what is merged into it`,
        command: 'slabtop -o -s c | head -20; ls -l /sys/kernel/slab',
        risk: 'none',
      },
      ...getCallerRemedies(largest),
    ],
    wantedEvidence: ['slabinfo', 'slab listing', 'cgroups', 'cgroup listing'],
  }
}

// The name of a kmalloc cache contains only the size: its callers must be traced.
function getCallerRemedies(cache: string | undefined): Diagnosis['remedy'] {
  if (cache === undefined || !cache.startsWith('kmalloc-')) return []
  return [
    {
      text: `${cache} is shared by all callers of that size: trace them while it grows`,
      command: 'perf record -e kmem:kmalloc -ag -- sleep 10; perf report --no-children',
      risk: 'low',
    },
  ]
}

/** Diagnoses per-cgroup slab caches that cannot grow on kernels after 3.10: the cgroup is at its limit. */
export const detectMemcgSlabFailures: Rule = facts => {
  const { memcgFailures } = facts
  const names = [...new Set(memcgFailures.map(({ memcg }) => memcg ?? 'unknown'))]
  // of one memcg only, its own limit explains them as well as the leak does
  if (names.length === 0 || (detectKmemLeak(facts)?.certainty !== 'possible' && detectKmemLeak(facts))) return undefined
  if (names.length > 1 && detectKmemLeak(facts)) return undefined
  return {
    name: 'memcg-slab-failures',
    title: `slab of ${formatPlural(names.length, 'cgroup')} could not grow`,
    severity: 'warning',
    certainty: 'likely',
    summary: 'Kernel memory counts against the limit of a container: it was at its limit when its slab caches asked.',
    evidence: [
      formatPlural(memcgFailures.length, 'failure'),
      `caches ${[...new Set(memcgFailures.map(({ cache }) => cache ?? 'unknown'))].slice(0, 5).join(', ')}`,
      `cgroups ${names.slice(0, 3).join(', ')}`,
    ],
    remedy: [
      {
        text: 'see how much kernel memory its cgroup holds, and raise its limit if the load is right',
        command: 'grep . /sys/fs/cgroup/memory/kubepods/*/*/*/memory.kmem.usage_in_bytes | sort -t: -k2 -n | tail',
        risk: 'none',
      },
    ],
    wantedEvidence: ['slabinfo', 'cgroups'],
  }
}

/** Diagnoses shared slab caches that cannot get pages: a real shortage, not a memcg at its limit. */
export const detectSlabShortage: Rule = ({ slabFailures, memcgFailures }) => {
  // of a record that is cut it is not known whose cache it was
  const own = slabFailures.filter(failure => !memcgFailures.includes(failure) && failure.cache !== null)
  if (own.length === 0) return undefined
  const caches = [...new Set(own.map(({ cache }) => cache ?? 'unknown'))]
  return {
    name: 'slab-allocation-failures',
    title: 'slab caches could not get memory',
    severity: 'warning',
    certainty: 'certain',
    summary: 'The kernel asked for slab in a place that may not wait, and there was none.',
    evidence: [`${formatPlural(own.length, 'failure')}, caches ${caches.slice(0, 5).join(', ')}`],
    remedy: [{ text: 'raise vm.min_free_kbytes; find what fills memory at that time', risk: 'low' }],
    wantedEvidence: ['meminfo', 'slabinfo'],
  }
}

const LARGE_CACHE = 2 ** 30
const MAX_ORDINARY_SHARE = 0.5

/** Diagnoses a large cache of a slabinfo or slabtop on a machine of unknown size. */
export const detectLargestCache: Rule = facts => {
  const [top, ...rest] = facts.caches
  if (!top || facts.unreclaimable !== null || facts.dumpedSlab.length > 0 || top.bytes < LARGE_CACHE) return undefined
  const total = facts.caches.reduce((sum, { bytes }) => sum + bytes, 0)
  const share = top.bytes / total
  return {
    name: 'large-slab-cache',
    title: `slab cache ${top.name} holds ${formatBytes(top.bytes)}, ${formatPercent(share)} of the slab that is listed`,
    severity: share > MAX_ORDINARY_SHARE ? 'critical' : 'warning',
    certainty: 'possible',
    summary: 'How much memory the machine has, and whether this slab can be reclaimed, is in /proc/meminfo.',
    evidence: rest.slice(0, 2).map(({ name, bytes }) => `next: ${name} ${formatBytes(bytes)}`),
    remedy: [
      {
        text: 'see whether it grows, and what is merged into it',
        command: 'slabtop -o -s c | head -20; ls -l /sys/kernel/slab',
        risk: 'none',
      },
      ...getCallerRemedies(top.name),
    ],
    wantedEvidence: ['meminfo', 'slab listing', 'kernel log'],
  }
}
