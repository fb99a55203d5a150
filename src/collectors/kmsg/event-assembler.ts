// Memory events out of records: one line each, but for the `cache:` line and the stack that some have.
import { MINUTE } from '../../base/units.ts'
import { parseAllocationCaller, parseEvent, parseProgramLine, parseSlabFailureDetails } from './event-lines.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { EventDetails, MemoryEvent } from './memory-event.ts'

/** What is carried from record to record. Newest last. */
export interface EventState {
  readonly events: readonly MemoryEvent[]
  /** the newest event still waits for a line of its own; how many records it has waited */
  readonly recordsWaited: number | null
  /** session time of the last kill or event that is trouble with memory */
  readonly troubleAt: number | null
}

/** Memory events that are remembered. */
export const MAX_EVENTS = 500
const MAX_RECORDS_WAITED = 60
const STUCK_TASK_WINDOW_MS = 10 * MINUTE

/** Takes one record. Ordinary records give back the same state. */
export function consumeEventRecord<S extends EventState>(state: S, record: KernelRecord): S {
  const filled = state.recordsWaited === null ? state : addEventDetails(state, record)
  const details = record.facility === 0 ? parseEvent(record.text) : parseProgramLine(record.text, record.program)
  return details ? appendEvent(filled, details, record) : filled
}

/** The state with one more event. What only stood still counts when memory was in trouble before: see `troubleAt`. */
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

// The lines after it that are its own: of the same caller, until one fits or too many were not.
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
