// Builds memory events from records: one line each, except for the `cache:` line and the stack trace that some have.
import { MINUTE } from '../../base/units.ts'
import { parseAllocationCaller, parseEvent, parseProgramLine, parseSlabFailureDetails } from './event-lines.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { EventDetails, MemoryEvent } from './memory-event.ts'
import { parseProgramKill } from './program-kills.ts'

/** State that is kept between records. Newest last. */
export interface EventState {
  readonly events: readonly MemoryEvent[]
  /** records since the newest event, while it waits for its second line; null if it waits for none */
  readonly recordsWaited: number | null
  /** session time of the last kill or event that shows a memory shortage */
  readonly troubleAt: number | null
}

/** Maximum number of memory events kept. */
export const MAX_EVENTS = 500
const MAX_RECORDS_WAITED = 60
const STUCK_TASK_WINDOW_MS = 10 * MINUTE

/** Returns the state after one record. A record that is not about memory returns the same state. */
export function consumeEventRecord<S extends EventState>(state: S, record: KernelRecord): S {
  const filled = state.recordsWaited === null ? state : addEventDetails(state, record)
  const details =
    record.facility === 0
      ? parseEvent(record.text)
      : (parseProgramLine(record.text, record.program) ?? parseProgramKill(record.text, record.program))
  return details ? appendEvent(filled, details, record) : filled
}

/** Returns the state with one more event. A stuck task counts only soon after a memory shortage: see `troubleAt`. */
export function appendEvent<S extends EventState>(state: S, details: EventDetails, record: KernelRecord): S {
  const { time, sequence, text } = record
  const isStuck = details.kind === 'hung-task' || details.kind === 'soft-lockup'
  if (isStuck && (state.troubleAt === null || time - state.troubleAt > STUCK_TASK_WINDOW_MS)) return state
  const event: MemoryEvent = { time, sequence: sequence ?? null, text: text.slice(0, MAX_TEXT_LENGTH), ...details }
  const events = [...state.events.slice(1 - MAX_EVENTS), event]
  return {
    ...state,
    events,
    recordsWaited: hasDetailLines(details) ? 0 : null,
    troubleAt: isStuck ? state.troubleAt : time,
  }
}

const MAX_TEXT_LENGTH = 2000

const hasDetailLines = ({ kind }: EventDetails): boolean =>
  kind === 'slab-allocation-failure' || kind === 'page-allocation-failure' || kind === 'page-allocation-stall'

// Adds the next line that belongs to the newest event. Gives up after MAX_RECORDS_WAITED other records.
function addEventDetails<S extends EventState>(state: S, record: KernelRecord): S {
  const last = state.events.at(-1)
  if (!last || record.facility !== 0) return state
  const details = parseEventDetails(last, record.text)
  if (details)
    return { ...state, events: state.events.with(-1, { ...last, ...details } as MemoryEvent), recordsWaited: null }
  return { ...state, recordsWaited: state.recordsWaited! + 1 < MAX_RECORDS_WAITED ? state.recordsWaited! + 1 : null }
}

function parseEventDetails(event: MemoryEvent, text: string): Partial<EventDetails> | undefined {
  if (event.kind === 'slab-allocation-failure') return parseSlabFailureDetails(text)
  const caller = parseAllocationCaller(text)
  return caller === undefined ? undefined : { caller }
}
