// What to do about an OOM kill, by what filled the memory.
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import type { Remedy } from '../../detectors/detector.ts'
import type { CorrelatedKill } from '../../detectors/oom/oom-correlation.ts'
import { listOomRemedies } from '../../detectors/oom/oom-kill.ts'
import { computeMemoryParts, type MemoryPart } from '../../postmortem/kill-groups.ts'

// A saved log fills no other view, so remedies must not point to one. A known cause replaces the question for it.
export function listRemedies(
  correlated: CorrelatedKill,
  kill: OomKill,
  pageSize: number,
  isLog: boolean,
): readonly Remedy[] {
  const top = computeMemoryParts(kill, pageSize)[0]?.name
  const isKnown = top !== undefined && top !== 'page cache'
  return [
    ...listCauseRemedies(top),
    ...listOomRemedies(correlated, { views: !isLog, filledBy: isKnown ? 'known' : 'unknown' }),
  ]
}

// Remedies by what filled the memory: the victim may not be the cause if the kernel or a tmpfs holds it.
function listCauseRemedies(top: MemoryPart['name'] | undefined): readonly Remedy[] {
  switch (top) {
    case 'slab':
      return [
        { text: 'slab holds most of the memory: find the cache', command: 'slabtop -o -s c | head -20', risk: 'none' },
      ]
    case 'shared (tmpfs)':
      return [
        {
          text: 'tmpfs files (emptyDir medium Memory, /dev/shm) fill the limit and survive the kill: delete them, set a sizeLimit',
          risk: 'low',
        },
      ]
    case 'kernel':
      return [
        {
          text: 'kernel memory fills the limit: sockets, open files, dentries of its processes; find the growing cache',
          risk: 'none',
        },
      ]
    default:
      return []
  }
}
