// Notices OOM kills in the readings of a sample: by a line of the kernel log, or by vmstat's total (Linux 4.13 and later).
import { OOM_KILL_LINE } from '../collectors/kmsg/memory-lines.ts'
import type { Reading } from '../history.ts'

/** Returns whether the kernel log of a reading names a kill. */
export const hasKillLine = ({ files }: Reading): boolean => OOM_KILL_LINE.test(files['/dev/kmsg'] ?? '')

/** Creates a function that returns whether the total of kills rose since its last call. Readings without vmstat change nothing. */
export function createKillDetector(): (readings: readonly Reading[]) => boolean {
  let last: number | undefined
  return readings => {
    let hasRisen = false
    for (const { files } of readings) {
      const total = /^oom_kill (\d+)$/m.exec(files['/proc/vmstat'] ?? '')?.[1]
      if (total === undefined) continue
      hasRisen ||= last !== undefined && Number(total) > last
      last = Number(total)
    }
    return hasRisen
  }
}
