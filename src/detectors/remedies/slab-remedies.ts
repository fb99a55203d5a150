// What to do about slab that grows and cannot be reclaimed: look first, then free, then fix.
import type { History } from '../../history.ts'
import type { Remedy } from '../detector.ts'
import { COUNT_CGROUPS } from './cgroup-remedies.ts'

/** Remedies in order of risk; what the growing cache suggests comes first. */
export function listSlabRemedies(history: History): readonly Remedy[] {
  const dying = history.cgroups.dying ?? 0
  const dyingHint: readonly Remedy[] =
    dying > 500
      ? [
          {
            text: `${dying.toLocaleString('en-US')} dying cgroups hold slab too: see view 2`,
            command: COUNT_CGROUPS,
            risk: 'none',
          },
        ]
      : []
  return [
    {
      text: 'see who holds most open files: many caches (filp, kmalloc-*, eventpoll_*) grow with them',
      command: 'cat /proc/sys/fs/file-nr',
      risk: 'none',
    },
    ...dyingHint,
    {
      text: 'restart the process or pod whose load began with the growth, and see whether the cache shrinks',
      risk: 'low',
    },
    {
      text: 'when nothing lets go of it: drain the node and reboot before the memory is gone; then a newer kernel',
      risk: 'high',
    },
  ]
}
