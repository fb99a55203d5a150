// Diagnoses about the kernel's own memory: the kmem leak of 3.10, memcg IDs used up, dying cgroups, slab that grew.
import { bytes, count, percent } from '../../base/format.ts'
import { MEMCG_IDS } from '../../collectors/cgroups/cgroup.ts'
import { dyingRemedies, idRemedies, leakRemedies } from '../../detectors/cgroup-remedies.ts'
import type { Diagnosis, Rule } from './diagnosis.ts'
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
  const said: readonly (Sign | false)[] = [
    memcgFailures.length > 0 && {
      own: true,
      text: `${count(memcgFailures.length)} slab allocation failures in caches of ${count(ids)} memcgs, like ${example?.cache}(${example?.memcgId}:${example?.memcg}): kmem accounting was active`,
    },
    (memcgCaches ?? 0) >= MANY_CACHES && {
      own: true,
      text: `${count(memcgCaches!)} slab caches belong to single memcgs, name(id:cgroup)`,
    },
    (kmemCaches ?? 0) >= 20_000 && {
      own: true,
      text: `the cache kmem_cache has ${count(kmemCaches!)} objects, one for each slab cache`,
    },
    (numCgroups ?? 0) >= MANY_CGROUPS && {
      own: false,
      text: `the kernel counts ${count(numCgroups!)} memory cgroups${directories === null ? '' : `, ${count(directories)} directories exist`}`,
    },
    (unreclaimable?.share ?? 0) >= MUCH_SLAB && {
      own: false,
      text: `${bytes(unreclaimable!.bytes)} of slab cannot be reclaimed, ${percent(unreclaimable!.share)} of RAM (${unreclaimable!.from})`,
    },
    cgroupErrors.length > 0 && {
      own: false,
      text: `${count(cgroupErrors.length)} times a cgroup could not be made: ${cgroupErrors[0]!.error} (${cgroupErrors[0]!.program ?? 'a program'})`,
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
    title: `kernel-memory accounting leak of memory cgroups (kernel ${release ?? '3.10, it seems'})`,
    severity: 'critical',
    certainty: strong ? 'certain' : isOld ? 'likely' : 'possible',
    summary:
      'Every container gets slab caches of its own, and kernel 3.10 never frees those of removed cgroups: unreclaimable slab and memcg IDs run out, then pods cannot start although memory looks free.',
    evidence: signs.map(({ text }) => text),
    remedy: leakRemedies(release, facts.commandLine),
    wants: ['kernel release', 'slab listing', 'cgroups', 'cgroup listing', 'meminfo', 'kmem.slabinfo', 'command line'],
  }
}

/** No memcg ID is left: mkdir fails, with an error that depends on the kernel. */
export const idsExhausted: Rule = ({ mostCgroups, cgroupErrors, releases }) => {
  const isFull = (mostCgroups ?? 0) >= MEMCG_IDS * 0.95
  const failing = cgroupErrors.filter(({ cgroup }) => cgroup !== null)
  if (!isFull && failing.length === 0) return undefined
  const errors = [...new Set(failing.map(({ error }) => error))].join(', ')
  const said = `${count(failing.length)} cgroups could not be made: ${errors}; the first ${failing[0]?.cgroup}`
  return {
    name: 'memcg-id-exhaustion',
    title: 'no memory cgroup can be made any more',
    severity: 'critical',
    certainty: isFull ? 'certain' : mostCgroups === null ? 'likely' : 'possible',
    summary: `The kernel has ${count(MEMCG_IDS)} IDs for memory cgroups; when removed cgroups keep theirs, mkdir fails and no pod can start until a reboot.`,
    evidence: [
      ...(mostCgroups === null ? [] : [`/proc/cgroups counts ${count(mostCgroups)} of ${count(MEMCG_IDS)}`]),
      ...(failing.length > 0 ? [said] : []),
    ],
    remedy: idRemedies(releases.at(-1)),
    wants: ['cgroups', 'cgroup listing', 'kernel release'],
  }
}

/** Removed cgroups that live on (kernels after 3.10), or live ones that nobody removes. */
export const cgroupsPileUp: Rule = ({ numCgroups, directories, releases }) => {
  if (numCgroups === null || numCgroups < 1000 || directories === null) return undefined
  const dying = numCgroups - directories
  const isLive = directories > 0.8 * numCgroups
  if (isLive ? numCgroups < MANY_CGROUPS : dying < 1000) return undefined
  const evidence = [`the kernel counts ${count(numCgroups)} memory cgroups, ${count(directories)} directories exist`]
  const common = { evidence, certainty: 'certain', severity: 'warning' } as const
  if (isLive) return { ...common, ...LIVE }
  return {
    ...common,
    name: 'dying-cgroups',
    title: `${count(dying)} dying memory cgroups`,
    summary:
      'Cgroups that were removed live on in the kernel, held by page cache, tmpfs files or slab charged to them.',
    remedy: dyingRemedies(releases.at(-1)),
    wants: ['meminfo', 'slabinfo'],
  }
}

const LIVE: Omit<Diagnosis, 'evidence' | 'certainty' | 'severity'> = {
  name: 'live-cgroup-leak',
  title: 'cgroups that nobody removes',
  summary:
    'The directories are still there: a program makes cgroups and leaves them, often run-*.scope of old systemd.',
  remedy: [
    {
      text: 'see which they are',
      command: "find /sys/fs/cgroup/memory -type d | sed 's/[0-9a-f]\\{8,\\}/ID/g' | sort | uniq -c | sort -rn | head",
      risk: 'none',
    },
    { text: 'remove the empty ones (systemctl stop run-*.scope), then update what makes them', risk: 'low' },
  ],
  wants: [],
}

/** Slab that cannot be reclaimed holds much of the RAM, and it is not the leak of 3.10. */
export const slabHeavy: Rule = facts => {
  const { unreclaimable, kills, releases } = facts
  const dumped = kills.findLast(({ unreclaimableSlab }) => unreclaimableSlab.length > 0)
  if ((unreclaimable?.share ?? 0) < MUCH_SLAB && !dumped) return undefined
  if (kmemLeak(facts)) return undefined
  const top = dumped?.unreclaimableSlab.toSorted((a, b) => b.total - a.total).slice(0, 3) ?? []
  return {
    name: 'unreclaimable-slab',
    title: 'unreclaimable slab fills the node',
    severity: 'critical',
    certainty: 'certain',
    summary: 'The kernel itself holds the memory, in slab that no reclaim can free; processes die in its place.',
    evidence: [
      ...(unreclaimable
        ? [
            `${bytes(unreclaimable.bytes)} cannot be reclaimed, ${percent(unreclaimable.share)} of RAM (${unreclaimable.from})`,
          ]
        : []),
      ...(top.length > 0
        ? [`the kernel's own list: ${top.map(({ name, total }) => `${name} ${bytes(total)}`).join(', ')}`]
        : []),
    ],
    remedy: [
      {
        text: 'see which cache it is, and what is merged into it',
        command: 'slabtop -o -s c | head -20; ls -l /sys/kernel/slab',
        risk: 'none',
      },
      ...dyingRemedies(releases.at(-1)).slice(-1),
    ],
    wants: ['slabinfo', 'slab listing', 'cgroups', 'cgroup listing'],
  }
}
