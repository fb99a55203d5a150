// What is not there: evidence that a diagnosis asks for, and the command that gets it from the node.
import { type Case, snapshotOf } from './case.ts'
import type { Diagnosis, Evidence } from './diagnosis.ts'
import type { Facts } from './facts.ts'

export interface Missing {
  readonly evidence: Evidence
  readonly why: string
  readonly command: string
}

const TABLE: readonly (Missing & { isThere(of: Case, facts: Facts): boolean })[] = [
  {
    evidence: 'kernel log',
    why: 'kills and their reports are only there',
    command: 'dmesg -T > dmesg.txt; journalctl -k -o export > kernel.export',
    isThere: ({ boots }) => boots.length > 0,
  },
  {
    evidence: 'kernel release',
    why: 'which remedy works depends on it',
    command: 'uname -a > uname.txt',
    isThere: (_, { releases }) => releases.length > 0,
  },
  {
    evidence: 'command line',
    why: 'whether kmem accounting was turned off at boot',
    command: 'cat /proc/cmdline > cmdline.txt',
    isThere: (_, { commandLine }) => commandLine !== null,
  },
  {
    evidence: 'meminfo',
    why: 'how much slab cannot be reclaimed',
    command: 'cat /proc/meminfo > meminfo.txt',
    isThere: of => snapshotOf(of, 'meminfo') !== undefined,
  },
  {
    evidence: 'slabinfo',
    why: 'which slab cache it is',
    command: 'cat /proc/slabinfo > slabinfo.txt',
    isThere: of => snapshotOf(of, 'slabinfo') !== undefined,
  },
  {
    evidence: 'slab listing',
    why: 'how many slab caches belong to single memcgs',
    command: 'ls /sys/kernel/slab > slab.txt',
    isThere: of => snapshotOf(of, 'slab listing') !== undefined,
  },
  {
    evidence: 'cgroups',
    why: 'how many memory cgroups the kernel counts (limit 65,535)',
    command: 'cat /proc/cgroups > cgroups.txt',
    isThere: of => snapshotOf(of, 'cgroups') !== undefined,
  },
  {
    evidence: 'cgroup listing',
    why: 'how many of them still have a directory',
    command: 'find /sys/fs/cgroup -type d > cgroup-tree.txt',
    isThere: of => snapshotOf(of, 'cgroup listing') !== undefined,
  },
  {
    evidence: 'kmem.slabinfo',
    why: 'whether kmem accounting is active: a table when it is, an error when not',
    command: 'cat /sys/fs/cgroup/memory/kubepods*/memory.kmem.slabinfo > kmem.slabinfo.txt 2>&1',
    isThere: ({ snapshots }, { memcgFailures }) =>
      memcgFailures.length > 0 ||
      snapshots.some(
        ({ snapshot }) =>
          snapshot.kind === 'kmem.slabinfo error' || (snapshot.kind === 'slabinfo' && snapshot.memcgCaches > 0),
      ),
  },
]

/** Without any diagnosis: what tells most about a node. */
const FIRST: readonly Evidence[] = ['kernel log', 'kernel release', 'meminfo', 'slabinfo', 'cgroups', 'cgroup listing']

/** Evidence that is wanted and not there. */
export function missingOf(of: Case, facts: Facts, diagnoses: readonly Diagnosis[]): readonly Missing[] {
  const wanted = new Set(diagnoses.length > 0 ? diagnoses.flatMap(({ wants }) => wants) : FIRST)
  wanted.add('kernel log')
  return TABLE.filter(row => wanted.has(row.evidence) && !row.isThere(of, facts)).map(({ evidence, why, command }) => {
    return { evidence, why, command }
  })
}
