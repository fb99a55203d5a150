// One record into all that is known of the log: OOM kills and memory events. Live, replay and saved logs go through here.
import { watchEvents } from './events.ts'
import { assemble, type OomState } from './oom.ts'
import type { KernelRecord } from './record.ts'

/** Nothing read yet. */
export const nothingFollowed: OomState = {
  oomKills: [],
  reports: [],
  suppressed: 0,
  events: [],
  waiting: null,
  troubleAt: null,
}

/** Takes one record; records must come in order. Ordinary ones give back the same state. */
export function follow<S extends OomState>(state: S, record: KernelRecord): S {
  const assembled = assemble(state, record)
  // what ended a report without a kill is an event of that report already
  const isTold = assembled.events !== state.events && NOBODY.test(record.text)
  const watched = isTold ? assembled : watchEvents(assembled, record)
  return watched.oomKills === state.oomKills ? watched : { ...watched, troubleAt: record.time }
}

const NOBODY = /^Out of memory and no killable/
