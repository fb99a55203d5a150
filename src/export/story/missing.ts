// What is not there: evidence that a diagnosis asks for, and the command that gets it from the node.
import type { SnapshotKind } from '../../sources/logs/snapshots.ts'
import { type Case, snapshotOf } from './case.ts'
import type { Diagnosis, Evidence } from './diagnosis.ts'
import type { Facts } from './facts.ts'

export interface Missing {
  readonly evidence: Evidence
  readonly why: string
  readonly command: string
}

type Row = Missing & { isThere(of: Case, facts: Facts): boolean }

// Evidence that is the text of one file.
const saved = (evidence: Evidence & SnapshotKind, why: string, command: string): Row => ({
  evidence,
  why,
  command,
  isThere: of => snapshotOf(of, evidence) !== undefined,
})

const TABLE: readonly Row[] = [
  {
    evidence: 'kernel log',
    why: 'kills and their reports are only there',
    command: 'dmesg -T > dmesg.txt; journalctl -k -o export > kernel.export',
    isThere: ({ boots }) => boots.some(({ spoke }) => spoke),
  },
  {
    evidence: 'whole reports',
    why: 'the log has only a part of some: whose limit it was and what the memory was may be in the rest',
    command: 'journalctl -k -b all -o export > kernel.export; tar czf logs.tgz /var/log/messages* /var/log/kern.log*',
    isThere: ({ kills, events }) =>
      kills.every(({ kill }) => kill.complete) && !events.some(({ event }) => event.kind === 'oom-without-kill'),
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
  saved('meminfo', 'how much slab cannot be reclaimed', 'cat /proc/meminfo > meminfo.txt'),
  saved('slabinfo', 'which slab cache it is', 'cat /proc/slabinfo > slabinfo.txt'),
  saved('slab listing', 'how many slab caches belong to single memcgs', 'ls /sys/kernel/slab > slab.txt'),
  saved('cgroups', 'how many memory cgroups the kernel counts (limit 65,535)', 'cat /proc/cgroups > cgroups.txt'),
  saved('cgroup listing', 'how many of them still have a directory', 'find /sys/fs/cgroup -type d > cgroup-tree.txt'),
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
