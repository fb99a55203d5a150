// One record into all that is known of the log: OOM kills and memory events. Live, replay and saved logs go through here.
import { consumeEventRecord } from './event-assembler.ts'
import type { KernelRecord } from './kernel-record.ts'
import { consumeOomRecord, type OomState } from './oom-assembler.ts'

/** Nothing read yet. */
export const emptyOomState: OomState = {
  oomKills: [],
  reports: [],
  suppressed: 0,
  events: [],
  recordsWaited: null,
  troubleAt: null,
}

/** Takes one record; records must come in order. Ordinary ones give back the same state. */
export function consumeRecord<S extends OomState>(state: S, record: KernelRecord): S {
  const assembled = consumeOomRecord(state, record)
  // what ended a report without a kill is an event of that report already
  const isAlreadyRecorded = assembled.events !== state.events && NO_KILLABLE_PROCESS.test(record.text)
  const updated = isAlreadyRecorded ? assembled : consumeEventRecord(assembled, record)
  return updated.oomKills === state.oomKills ? updated : { ...updated, troubleAt: record.time }
}

const NO_KILLABLE_PROCESS = /^Out of memory and no killable/
