// What to do about growing unreclaimable slab: inspect, then free, then fix.
import { formatCount } from '../../base/format.ts'
import { formatTraceCommand } from '../../collectors/slab-cache-facts.ts'
import type { SlabCache } from '../../collectors/slabinfo.ts'
import type { History } from '../../history.ts'
import type { Remedy } from '../detector.ts'
import { COUNT_CGROUPS } from './cgroup-remedies.ts'

const COUNT_OPEN_FILES: Remedy = {
  text: 'find the process with most open files: filp, eventpoll_* and many kmalloc-* caches grow with them',
  command: 'cat /proc/sys/fs/file-nr',
  risk: 'none',
}

/** Returns the remedies for a cache that is in no list: who allocates it comes before everything, open files are left out. */
export const replaceFirstStep = (
  remedies: readonly Remedy[],
  { name, objSize }: Pick<SlabCache, 'name' | 'objSize'>,
): readonly Remedy[] => [
  {
    text: `find the code that allocates ${name}, perhaps a module: kmemtop does not know this cache`,
    command: formatTraceCommand(objSize),
    risk: 'none',
  },
  ...remedies.filter(remedy => remedy !== COUNT_OPEN_FILES),
]

/** Remedies in order of risk. */
export function listSlabRemedies(history: History): readonly Remedy[] {
  const dying = history.cgroups.dying ?? 0
  const dyingHint: readonly Remedy[] =
    dying > 500
      ? [
          {
            text: `${formatCount(dying)} dying cgroups hold slab too: see the Cgroups view of kmemtop`,
            command: COUNT_CGROUPS,
            risk: 'none',
          },
        ]
      : []
  return [
    COUNT_OPEN_FILES,
    ...dyingHint,
    {
      text: 'restart the process or pod that started with the growth, and check whether the cache shrinks',
      risk: 'low',
    },
    {
      text: 'if it never shrinks: drain the node and reboot before memory runs out; then install a newer kernel',
      risk: 'high',
    },
  ]
}
