// Estimates the page size of the kernel that wrote a report: 4 KiB on most, 64 KiB on some arm64 and ppc64le. No line states it.
import type { OomKill } from './oom-kill.ts'
import { isRowOf } from './oom-tasks.ts'

const PAGE_SIZES = [4096, 8192, 16384, 65536]
const MAX_DEVIATION = 0.1

/**
 * Returns the page size in bytes from the smallest free block of a zone, or from the victim's size in pages (task table) and in
 * kB (`Killed process`). Returns null if the report has neither.
 */
export function estimatePageSize({
  memInfo,
  victim,
  tasks,
}: Pick<OomKill, 'memInfo' | 'victim' | 'tasks'>): number | null {
  if (memInfo?.pageSize != null) return memInfo.pageSize
  const pages = tasks.find(row => isRowOf(row, victim.pid))?.columns.rss ?? 0
  const victimRss = (victim.anonRss ?? 0) + (victim.fileRss ?? 0) + (victim.shmemRss ?? 0)
  if (pages < 100) return null
  return PAGE_SIZES.find(size => Math.abs(victimRss / pages / size - 1) < MAX_DEVIATION) ?? null
}
