// Adds one record to what is known from the log: OOM kills and memory events. Live, replay and saved logs all use it.
import { MAX_KERNEL_LINE } from '../../base/bounds.ts'
import { consumeEventRecord } from './event-assembler.ts'
import type { KernelRecord } from './kernel-record.ts'
import { consumeOomRecord, type OomState } from './oom/oom-assembler.ts'

/** The state before the first record. */
export const emptyOomState: OomState = {
  oomKills: [],
  reports: [],
  suppressed: 0,
  events: [],
  recordsWaited: null,
  troubleAt: null,
  evictsFor: null,
  chosen: null,
  stuck: null,
}

/** Returns the state after one record; records must come in order. A record that is not about memory returns the same state. */
export function consumeRecord<S extends OomState>(state: S, longRecord: KernelRecord): S {
  const record = cutLongLines(longRecord)
  const assembled = consumeOomRecord(state, record)
  // the line that ends a report without a kill is part of that report's event already
  const isAlreadyRecorded = assembled.events !== state.events && NO_KILLABLE_PROCESS.test(record.text)
  const updated = isAlreadyRecorded ? assembled : consumeEventRecord(assembled, record)
  return updated.oomKills === state.oomKills ? updated : { ...updated, troubleAt: record.time }
}

// A record of a file may hold more than a kernel writes. A message of several lines may be a whole report.
function cutLongLines(record: KernelRecord): KernelRecord {
  if (record.text.length <= MAX_KERNEL_LINE) return record
  const lines = record.text.slice(0, MAX_MESSAGE).split('\n')
  return { ...record, text: lines.map(line => line.slice(0, MAX_KERNEL_LINE)).join('\n') }
}

const MAX_MESSAGE = 256 * MAX_KERNEL_LINE
const NO_KILLABLE_PROCESS = /^Out of memory and no killable/
