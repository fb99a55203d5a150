// Missing evidence: what a diagnosis needs, and the command that gets it from the node.

import { findSnapshot, type LogEvidence } from '../evidence.ts'
import type { Facts } from '../facts.ts'
import type { SnapshotKind } from '../logs/pieces/snapshots.ts'
import type { Diagnosis, EvidenceKind } from './diagnosis.ts'

/** A file that would have helped, and the command that saves it on the node. */
export interface MissingEvidence {
  readonly evidence: EvidenceKind
  readonly why: string
  readonly command: string
}

type EvidenceSource = MissingEvidence & { isPresent(collected: LogEvidence, facts: Facts): boolean }

// LogEvidence in the text of one file.
const createFileSource = (kind: EvidenceKind & SnapshotKind, why: string, command: string): EvidenceSource => ({
  evidence: kind,
  why,
  command,
  isPresent: collected => findSnapshot(collected, kind) !== undefined,
})

const MAX_FIRST_STAMP = 600 // seconds after boot at which a whole kernel log begins at the latest

const TABLE: readonly EvidenceSource[] = [
  {
    evidence: 'kernel log',
    why: 'kills and their reports are only there',
    command: 'dmesg -T > dmesg.txt; journalctl -k -o export > kernel.export',
    isPresent: ({ boots }) => boots.some(({ spoke }) => spoke),
  },
  {
    evidence: 'older kernel log',
    why: 'the one here begins long after boot: newer records have overwritten what was before',
    command: 'journalctl -k -b all -o export > kernel.export; tar czf logs.tgz /var/log/messages* /var/log/kern.log*',
    isPresent: ({ boots }) =>
      boots.every(
        ({ spoke, kernel, fromSeconds }) => !spoke || kernel !== null || (fromSeconds ?? 0) < MAX_FIRST_STAMP,
      ),
  },
  {
    evidence: 'whole reports',
    why: 'the log has only a part of some: whose limit it was and what the memory was may be in the rest',
    command: 'journalctl -k -b all -o export > kernel.export; tar czf logs.tgz /var/log/messages* /var/log/kern.log*',
    isPresent: ({ kills, events }) =>
      kills.every(({ kill }) => kill.complete) && !events.some(({ event }) => event.kind === 'oom-without-kill'),
  },
  {
    evidence: 'kernel release',
    why: 'which remedy works depends on it',
    command: 'uname -a > uname.txt',
    isPresent: (_, { releases }) => releases.length > 0,
  },
  {
    evidence: 'command line',
    why: 'whether kmem accounting was turned off at boot',
    command: 'cat /proc/cmdline > cmdline.txt',
    isPresent: (_, { commandLine }) => commandLine !== null,
  },
  createFileSource('meminfo', 'how much slab cannot be reclaimed', 'cat /proc/meminfo > meminfo.txt'),
  createFileSource('slabinfo', 'which slab cache it is', 'cat /proc/slabinfo > slabinfo.txt'),
  createFileSource('slab listing', 'how many slab caches belong to single memcgs', 'ls /sys/kernel/slab > slab.txt'),
  createFileSource(
    'cgroups',
    'how many memory cgroups the kernel counts (limit 65,535)',
    'cat /proc/cgroups > cgroups.txt',
  ),
  createFileSource(
    'cgroup listing',
    'how many of them still have a directory',
    'find /sys/fs/cgroup -type d > cgroup-tree.txt',
  ),
  {
    evidence: 'kmem.slabinfo',
    why: 'whether kmem accounting is active: a table when it is, an error when not',
    command: 'cat /sys/fs/cgroup/memory/kubepods*/memory.kmem.slabinfo > kmem.slabinfo.txt 2>&1',
    isPresent: ({ snapshots }, { memcgFailures }) =>
      memcgFailures.length > 0 ||
      snapshots.some(
        ({ snapshot }) =>
          snapshot.kind === 'kmem.slabinfo error' || (snapshot.kind === 'slabinfo' && snapshot.memcgCaches > 0),
      ),
  },
]

/** The most useful evidence if there is no diagnosis. */
const DEFAULT_EVIDENCE: readonly EvidenceKind[] = [
  'kernel log',
  'older kernel log',
  'kernel release',
  'meminfo',
  'slabinfo',
  'cgroups',
  'cgroup listing',
]

/** Returns the evidence that is needed and missing. */
export function findMissing(
  collected: LogEvidence,
  facts: Facts,
  diagnoses: readonly Diagnosis[],
): readonly MissingEvidence[] {
  const wanted = new Set(
    diagnoses.length > 0 ? diagnoses.flatMap(({ wantedEvidence: wants }) => wants) : DEFAULT_EVIDENCE,
  )
  wanted.add('kernel log')
  return TABLE.filter(row => wanted.has(row.evidence) && !row.isPresent(collected, facts)).map(
    ({ evidence, why, command }) => {
      return { evidence, why, command }
    },
  )
}
