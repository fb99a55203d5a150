// Diagnoses about the number of cgroups: memcg IDs used up, other limits, dying cgroups, cgroups that nobody removes.
import { formatCount, formatPercent, formatTimes } from '../../base/format.ts'
import { MAX_MEMCG_IDS } from '../../collectors/cgroups/cgroup.ts'
import { listDyingCgroupRemedies, listIdErrors, listIdRemedies } from '../../detectors/remedies/cgroup-remedies.ts'
import type { Diagnosis, Rule } from './diagnosis.ts'

const MANY_CGROUPS = 10_000

/** EAGAIN is the answer of cgroup.max.descendants and cgroup.max.depth. */
export const NESTING_LIMIT_ERROR = 'resource temporarily unavailable'

/** No memcg ID is left: mkdir fails, with an error that depends on the kernel. */
export const detectIdExhaustion: Rule = ({ mostCgroups, cgroupErrors, releases }) => {
  const isFull = (mostCgroups ?? 0) >= MAX_MEMCG_IDS - 1 // the root has none
  const failing = cgroupErrors.filter(
    ({ cgroup, isMkdir, error }) => cgroup !== null && isMkdir && error !== NESTING_LIMIT_ERROR,
  )
  if (!isFull && failing.length === 0) return undefined
  const errors = [...new Set(failing.map(({ error }) => error))]
  const failureText = `${formatTimes(failing.length)} a cgroup could not be made: ${errors.join(', ')}; the first ${failing[0]?.cgroup}`
  const release = releases.at(-1)
  const expected = release === undefined ? errors : listIdErrors(release)
  const isOther = failing.length > 0 && !errors.some(error => expected.includes(error))
  const other = `on ${release} mkdir says "${expected.join('" or "')}" when IDs are used up: another limit may be the cause`
  const uncertain = mostCgroups === null && !isOther ? 'likely' : 'possible'
  return {
    name: 'memcg-id-exhaustion',
    title: 'no memory cgroup can be made any more',
    severity: 'critical',
    certainty: isFull ? 'certain' : uncertain,
    summary: `The kernel has ${formatCount(MAX_MEMCG_IDS)} IDs for memory cgroups; when removed cgroups keep theirs, mkdir fails and no pod can start until a reboot.`,
    evidence: [
      ...(mostCgroups === null
        ? []
        : [`/proc/cgroups counts ${formatCount(mostCgroups)} of ${formatCount(MAX_MEMCG_IDS)}`]),
      ...(failing.length > 0 ? [failureText] : []),
      ...(isOther && !isFull ? [other] : []),
    ],
    remedy: listIdRemedies(release),
    wantedEvidence: [
      'cgroups',
      'cgroup listing',
      'kernel release',
      ...(release?.startsWith('3.10.') ? (['slab listing', 'kmem.slabinfo'] as const) : []),
    ],
  }
}

const NEARLY_FULL = 0.9

/** Nearly all memcg IDs are used. From 4.8 on the count says less: a removed cgroup gives its ID back. */
export const detectNearlyUsedIds: Rule = facts => {
  const { mostCgroups, releases } = facts
  if (mostCgroups === null || mostCgroups < MAX_MEMCG_IDS * NEARLY_FULL || detectIdExhaustion(facts)) return undefined
  const left = MAX_MEMCG_IDS - mostCgroups
  return {
    name: 'memcg-ids-nearly-used',
    title: `${formatCount(mostCgroups)} of ${formatCount(MAX_MEMCG_IDS)} memory cgroups, ${formatCount(left)} left`,
    severity: 'critical',
    certainty: 'likely',
    summary: 'When the last ID is taken, mkdir fails and no pod can start. Cgroups can still be made.',
    evidence: [
      `/proc/cgroups counts ${formatCount(mostCgroups)}, ${formatPercent(mostCgroups / MAX_MEMCG_IDS)} of all`,
    ],
    remedy: listIdRemedies(releases.at(-1)),
    wantedEvidence: ['cgroup listing', 'kernel release'],
  }
}

/** A limit that was refused: EBUSY of memory.limit_in_bytes is another thing than that of mkdir. */
export const detectRefusedLimit: Rule = ({ cgroupErrors }) => {
  const failing = cgroupErrors.filter(
    ({ isMkdir, cgroup }) => !isMkdir && /\/memory\.[\w.]*(?:limit|max)/.test(cgroup ?? ''),
  )
  if (failing.length === 0) return undefined
  return {
    name: 'limit-refused',
    title: 'a memory limit could not be set',
    severity: 'warning',
    certainty: 'certain',
    summary:
      'The cgroup holds more already, and the kernel could not reclaim it: the limit is too small for what is in it.',
    evidence: [`${formatTimes(failing.length)}: ${failing[0]!.error}, first ${failing[0]!.cgroup}`],
    remedy: [{ text: 'give it a larger limit, as for a runtime that needs some MiB itself', risk: 'low' }],
    wantedEvidence: [],
  }
}

/** Removed cgroups that live on (kernels after 3.10), or live ones that nobody removes. */
export const detectCgroupPileUp: Rule = ({ numCgroups, directories, releases }) => {
  if (numCgroups === null || numCgroups < 1000) return undefined
  const isMany = numCgroups >= MANY_CGROUPS && numCgroups < MAX_MEMCG_IDS * NEARLY_FULL
  if (directories === null) return isMany ? describeMany(numCgroups) : undefined
  const dying = numCgroups - directories
  const isLive = directories > 0.8 * numCgroups
  if (isLive ? numCgroups < MANY_CGROUPS : dying < 1000) return undefined
  const evidence = [
    `the kernel counts ${formatCount(numCgroups)} memory cgroups, ${formatCount(directories)} directories exist`,
  ]
  const common = { evidence, certainty: 'certain', severity: 'warning' } as const
  if (isLive) return { ...common, ...LIVE }
  return {
    ...common,
    name: 'dying-cgroups',
    title: `${formatCount(dying)} dying memory cgroups`,
    summary:
      'Cgroups that were removed live on in the kernel, held by page cache, tmpfs files or slab charged to them.',
    remedy: listDyingCgroupRemedies(releases.at(-1)),
    wantedEvidence: ['meminfo', 'slabinfo'],
  }
}

const describeMany = (count: number): Diagnosis => ({
  name: 'many-cgroups',
  title: `${formatCount(count)} memory cgroups, ${formatPercent(count / MAX_MEMCG_IDS)} of the ${formatCount(MAX_MEMCG_IDS)} that can be`,
  severity: 'warning',
  certainty: 'certain',
  summary:
    'A node with some hundred pods has a few thousand. Removed ones may live on in the kernel, or nobody removes them.',
  evidence: [`/proc/cgroups counts ${formatCount(count)}`],
  remedy: [],
  wantedEvidence: ['cgroup listing', 'kernel release'],
})

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
  wantedEvidence: [],
}

/** Cgroups that could not be made for another limit than the IDs: EAGAIN. */
export const detectCgroupLimit: Rule = ({ cgroupErrors }) => {
  const failing = cgroupErrors.filter(({ isMkdir, error }) => isMkdir && error === NESTING_LIMIT_ERROR)
  if (failing.length === 0) return undefined
  return {
    name: 'cgroup-limit',
    title: 'a cgroup has as many cgroups below it as it may',
    severity: 'critical',
    certainty: 'likely',
    summary: 'mkdir fails for cgroup.max.descendants or cgroup.max.depth of a cgroup above, not for lack of memory.',
    evidence: [`${formatTimes(failing.length)} a cgroup could not be made; the first ${failing[0]!.cgroup}`],
    remedy: [
      {
        text: 'see where the limit is set',
        command: 'grep -rv max /sys/fs/cgroup --include=cgroup.max.*',
        risk: 'none',
      },
    ],
    wantedEvidence: ['cgroup listing'],
  }
}
