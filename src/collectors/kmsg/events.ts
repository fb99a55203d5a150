// Memory events out of records: one line each, but for the `cache:` line and the stack that some have.
import { callerOf, parseCacheLine, parseEvent, parseProgramLine } from './event-lines.ts'
import type { EventDetails, MemoryEvent } from './memory-event.ts'
import type { KernelRecord } from './record.ts'

/** What is carried from record to record. Newest last. */
export interface EventState {
  readonly events: readonly MemoryEvent[]
  /** the newest event still waits for a line of its own; how many records it has waited */
  readonly waiting: number | null
  /** session time of the last kill or event that is trouble with memory */
  readonly troubleAt: number | null
}

/** Memory events that are remembered. */
export const KEPT_EVENTS = 500
const MOST_BETWEEN = 60
const AFTERMATH = 10 * 60_000

/** Takes one record. Ordinary records give back the same state. */
export function watchEvents<S extends EventState>(state: S, record: KernelRecord): S {
  const filled = state.waiting === null ? state : fill(state, record)
  const found = record.facility === 0 ? parseEvent(record.text) : parseProgramLine(record.text, record.program)
  return found ? withEvent(filled, found, record) : filled
}

/** The state with one more event. What only stood still counts when memory was in trouble before: see `troubleAt`. */
export function withEvent<S extends EventState>(state: S, details: EventDetails, record: KernelRecord): S {
  const { time, sequence, text } = record
  const isStuck = details.kind === 'hung-task' || details.kind === 'soft-lockup'
  if (isStuck && (state.troubleAt === null || time - state.troubleAt > AFTERMATH)) return state
  const event: MemoryEvent = { time, sequence: sequence ?? null, text: text.slice(0, MOST_TEXT), ...details }
  const events = [...state.events.slice(1 - KEPT_EVENTS), event]
  return { ...state, events, waiting: hasMore(details) ? 0 : null, troubleAt: isStuck ? state.troubleAt : time }
}

const MOST_TEXT = 2000

const hasMore = ({ kind }: EventDetails): boolean =>
  kind === 'slab-allocation-failure' || kind === 'page-allocation-failure' || kind === 'page-allocation-stall'

// The lines after it that are its own: of the same caller, until one fits or too many were not.
function fill<S extends EventState>(state: S, record: KernelRecord): S {
  const last = state.events.at(-1)
  if (!last || record.facility !== 0) return state
  const more = detailsIn(last, record.text)
  if (more) return { ...state, events: state.events.with(-1, { ...last, ...more } as MemoryEvent), waiting: null }
  return { ...state, waiting: state.waiting! + 1 < MOST_BETWEEN ? state.waiting! + 1 : null }
}

function detailsIn(event: MemoryEvent, text: string): Partial<EventDetails> | undefined {
  if (event.kind === 'slab-allocation-failure') return parseCacheLine(text)
  const caller = callerOf(text)
  return caller === undefined ? undefined : { caller }
}
