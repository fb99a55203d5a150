// Builds memory events from records: one line each, except for the `cache:` line and the stack trace that some have.
import { MINUTE } from '../../base/units.ts'
import { parseAllocationCaller, parseEvent, parseSlabFailureDetails } from './event-lines.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { EventDetails, MemoryEvent, ProgramKill } from './memory-event.ts'
import { type ProgramContext, parseProgramEvent, updateContext } from './program-lines.ts'

/** State that is kept between records. Newest last. */
export interface EventState extends ProgramContext {
  readonly events: readonly MemoryEvent[]
  /** records since the newest event that has further lines, while it waits for them; null if none waits */
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
  if (record.facility !== 0) return consumeProgramLine(filled, record)
  const details = parseEvent(record.text)
  return details ? appendEvent(filled, details, record) : filled
}

function consumeProgramLine<S extends EventState>(state: S, record: KernelRecord): S {
  const { evictsFor, chosen } = updateContext(state, record.text)
  const isSame = evictsFor === state.evictsFor && chosen === state.chosen
  const updated = isSame ? state : { ...state, evictsFor, chosen }
  const details = parseProgramEvent(record, updated)
  if (!details) return updated
  const merged = replaceWarning(updated, details, record)
  if (merged) return merged
  const isOver = details.kind === 'program-kill' && details.program === 'nohang' // the next victim is named again
  return appendEvent(isOver ? { ...updated, chosen: null } : updated, details, record)
}

// earlyoom says that memory is low, and then whom it kills: one event.
const isWarning = (event: EventDetails | undefined): event is ProgramKill =>
  event?.kind === 'program-kill' && event.action === 'pressure' && event.program === 'earlyoom'

function replaceWarning<S extends EventState>(state: S, details: EventDetails, record: KernelRecord): S | undefined {
  const at = findWaitingEvent(state.events)
  const warning = state.events[at]
  if (details.kind !== 'program-kill' || details.action !== 'killed') return undefined
  if ((details.program ?? 'earlyoom') !== 'earlyoom' || !isWarning(warning) || state.recordsWaited === null)
    return undefined
  const kill = { ...details, program: 'earlyoom' }
  const { events, ...rest } = appendEvent({ ...state, events: state.events.toSpliced(at, 1) }, kill, record)
  return { ...state, ...rest, events, recordsWaited: null }
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
    recordsWaited: hasDetailLines(details) ? 0 : state.recordsWaited, // another line may come between
    troubleAt: isStuck ? state.troubleAt : time,
  }
}

const MAX_TEXT_LENGTH = 2000

const hasDetailLines = (event: EventDetails): boolean =>
  event.kind === 'slab-allocation-failure' ||
  event.kind === 'page-allocation-failure' ||
  event.kind === 'page-allocation-stall' ||
  isWarning(event)

/** Returns the index of the newest event that has further lines; -1 if there is none. */
export const findWaitingEvent = (events: readonly MemoryEvent[]): number => events.findLastIndex(hasDetailLines)

// Adds the next line that belongs to the event that waits for it. Gives up after MAX_RECORDS_WAITED other records.
function addEventDetails<S extends EventState>(state: S, record: KernelRecord): S {
  const at = findWaitingEvent(state.events)
  const waiting = state.events[at]
  if (!waiting || (record.facility !== 0 && !isWarning(waiting))) return state
  const details = parseEventDetails(waiting, record.text)
  if (details)
    return { ...state, events: state.events.with(at, { ...waiting, ...details } as MemoryEvent), recordsWaited: null }
  return { ...state, recordsWaited: state.recordsWaited! + 1 < MAX_RECORDS_WAITED ? state.recordsWaited! + 1 : null }
}

function parseEventDetails(event: MemoryEvent, text: string): Partial<EventDetails> | undefined {
  if (event.kind === 'program-kill') return undefined // see replaceWarning
  if (event.kind === 'slab-allocation-failure') return parseSlabFailureDetails(text)
  const caller = parseAllocationCaller(text)
  return caller === undefined ? undefined : { caller }
}
