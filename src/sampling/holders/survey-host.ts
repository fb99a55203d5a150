// What a survey may ask of the machine, besides what a collector may.
import type { Host } from '../../collectors/collector.ts'

export interface SurveyHost extends Host {
  /**
   * the first bytes of a file that is not read again, 256 KiB where no other limit is given; throws an Error with the kernel's `code`.
   * Bounded, because the kernel walks some lists (`/proc/locks`) from their beginning for every 4 KiB
   */
  readOnce(path: string, maxBytes?: number): string
  /** number of entries that a directory of /proc reports as its size (`/proc/PID/fd` from 6.2 on); 0 where it reports none */
  getReportedSize(path: string): number
  /** inodes and bytes in use of a mounted file system; null where it has no limit and keeps no count */
  getUsage(path: string): { readonly inodes: number | null; readonly bytes: number | null }
}
