// What a survey asks of the machine.
import type { Host } from '../../collectors/collector.ts'

/** How far a fetch may go, and when others have their turn. */
export interface FetchControl {
  isOver(): boolean
  /** is called between two requests */
  pause(): Promise<void>
}

/** How a survey reads the machine, this one or another. */
export interface SurveyHost extends Pick<Host, 'listDirectory' | 'readLink'> {
  /**
   * Where each read is a request to another node: fetches all that a survey will read. Returns the number of processes that were read; rejects
   * when the connection is lost
   */
  fetch?(control: FetchControl): Promise<number>
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
