// Rows of the kernel log panel: records, with every OOM report folded to one line. Pure.

import { formatBytes } from '../../base/format.ts'
import { escapeControls } from '../../base/text.ts'
import { type ContainerNames, formatCgroupName } from '../../collectors/container-names.ts'
import { parseEvent } from '../../collectors/kmsg/event-lines.ts'
import type { KernelLog } from '../../collectors/kmsg/kernel-log.ts'
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import { isMemoryMention } from '../../collectors/kmsg/memory-lines.ts'
import { describeNodes } from '../../collectors/kmsg/oom/oom-kill.ts'
import { describeUnknown } from '../../detectors/oom/kill-text.ts'
import type { History } from '../../history.ts'
import type { Tone } from '../../widgets/pen.ts'

/** A line of the panel. `key` is the record's number: the selection stays on it when the log grows. */
export interface LogRow {
  readonly key: string
  readonly time: number
  readonly text: string
  readonly tone: Tone
  /** 0 emerg … 7 debug */
  readonly level: number
  /** record number of the kill that the line represents */
  readonly kill?: number
  /** how many equal lines it replaces, if more than one */
  readonly count?: number
}

/** Whether a record is about memory: the overview shows only those. */
export const isAboutMemory = ({ facility, text }: KernelRecord): boolean =>
  isMemoryMention(text) || (facility === 0 && parseEvent(text) !== undefined)

/**
 * Returns the lines, oldest first: each OOM report is one line in place of its `Killed process` record. Where only memory
 * events are listed, equal lines that follow each other are one.
 */
export function listLogRows(history: History, memoryOnly: boolean): readonly LogRow[] {
  const { kmsg, names } = history
  const previous = rowCache.get(kmsg)
  const cached = previous?.names === names ? previous : { names, rows: new Map<boolean, readonly LogRow[]>() }
  rowCache.set(kmsg, cached)
  const rows = cached.rows.get(memoryOnly) ?? buildLogRows(history, memoryOnly)
  cached.rows.set(memoryOnly, rows)
  return rows
}

// The log and the names in it rarely change between two frames, so the rows are cached for each log.
const rowCache = new WeakMap<
  KernelLog,
  { readonly names: ContainerNames; readonly rows: Map<boolean, readonly LogRow[]> }
>()

function buildLogRows(history: History, memoryOnly: boolean): readonly LogRow[] {
  const log = history.kmsg
  const folded = foldOomReports(history)
  const rows: LogRow[] = []
  for (const record of log.records) {
    const fold = folded.get(record.sequence ?? -1)
    if (fold === 'inside') continue
    if (memoryOnly && fold === undefined && !isAboutMemory(record)) continue
    rows.push(fold === undefined ? toLogRow(record) : { ...toLogRow(record), ...fold })
  }
  return memoryOnly ? rows.reduce(foldRepeated, []) : rows
}

// Equal lines in a row are one, with the time of the last. Its key stays that of the first, whatever follows.
function foldRepeated(rows: LogRow[], row: LogRow): LogRow[] {
  const previous = rows.at(-1)
  if (previous === undefined || row.kill !== undefined || previous.text !== row.text) rows.push(row)
  else rows[rows.length - 1] = { ...previous, time: row.time, count: (previous.count ?? 1) + 1 }
  return rows
}

function foldOomReports(history: History): ReadonlyMap<number, 'inside' | { text: string; tone: Tone; kill: number }> {
  const folded = new Map<number, 'inside' | { text: string; tone: Tone; kill: number }>()
  for (const kill of history.kmsg.oomKills) {
    const { logLines, sequence, victim, oomMemcg, taskMemcg, global, memory } = kill
    if (sequence === null || !logLines) continue
    for (let number = logLines.first; number <= logLines.last; number++)
      if (!folded.has(number)) folded.set(number, 'inside')
    const owner = oomMemcg ?? taskMemcg
    const place = owner === null ? describeUnknown(kill) : formatCgroupName(history, owner)
    const where = global ? describeNodes(kill) : place
    const limit = memory && Number.isFinite(memory.limit) ? `  limit ${formatBytes(memory.limit)}` : ''
    const lines = logLines.last - logLines.first + 1
    folded.set(sequence, {
      text: `OOM kill  ${escapeControls(victim.comm)}[${victim.pid}]  ${where}${limit}  (${lines} line${lines === 1 ? '' : 's'})`,
      tone: 'critical',
      kill: sequence,
    })
  }
  return folded
}

// names of sys/syslog.h, by number
const FACILITIES = ['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv']

function getLevelTone(level: number): Tone {
  if (level <= 3) return 'critical'
  return level === 4 ? 'warning' : 'normal'
}

function toLogRow(record: KernelRecord): LogRow {
  const origin = record.facility === 0 ? '' : `[userspace/${FACILITIES[record.facility] ?? record.facility}] `
  const tone = record.facility === 0 ? getLevelTone(record.level) : 'muted'
  return {
    key: String(record.sequence ?? record.time),
    time: record.time,
    text: origin + record.text,
    tone,
    level: record.level,
  }
}
