// Builds memory events from records: one line each, except for the `cache:` line and the stack trace that some have.
import { MINUTE } from '../../base/units.ts'
import { parseAllocationCaller, parseEvent, parseSlabFailureDetails } from './event-lines.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { EventDetails, MemoryEvent } from './memory-event.ts'
import { parseProgramLine } from './program-failures.ts'
import { parseProgramKill } from './program-kills.ts'

/** State that is kept between records. Newest last. */
export interface EventState {
  readonly events: readonly MemoryEvent[]
  /** records since the newest event that has further lines, while it waits for them; null if none waits */
  readonly recordsWaited: number | null
  /** session time of the last kill or event that shows a memory shortage */
  readonly troubleAt: number | null
  /** what the kubelet last said it evicts pods for: memory, ephemeral-storage; null: nothing yet */
  readonly evictsFor: string | null
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

// "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"         Eviction manager: must evict pod(s) to reclaim memory
const EVICTS_FOR =
  /viction manager: (?:attempting to|must evict pod\(s\) to) reclaim[" ]*(?:resourceName=)?"?([\w.-]{1,100})/

function consumeProgramLine<S extends EventState>(state: S, record: KernelRecord): S {
  const { text, program } = record
  const resource = EVICTS_FOR.exec(text)?.[1] ?? state.evictsFor
  const updated = resource === state.evictsFor ? state : { ...state, evictsFor: resource }
  const details = parseProgramLine(text, program) ?? parseProgramKill(text, program)
  const isEviction =
    details?.kind === 'program-kill' && /^evict/.test(details.action) && text.includes('viction manager')
  if (!details || (isEviction && resource !== null && resource !== 'memory')) return updated
  return appendEvent(updated, details, record)
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

const hasDetailLines = ({ kind }: EventDetails): boolean =>
  kind === 'slab-allocation-failure' || kind === 'page-allocation-failure' || kind === 'page-allocation-stall'

/** Returns the index of the newest event that has further lines; -1 if there is none. */
export const findWaitingEvent = (events: readonly MemoryEvent[]): number => events.findLastIndex(hasDetailLines)

// Adds the next line that belongs to the event that waits for it. Gives up after MAX_RECORDS_WAITED other records.
function addEventDetails<S extends EventState>(state: S, record: KernelRecord): S {
  const at = findWaitingEvent(state.events)
  const waiting = state.events[at]
  if (!waiting || record.facility !== 0) return state
  const details = parseEventDetails(waiting, record.text)
  if (details)
    return { ...state, events: state.events.with(at, { ...waiting, ...details } as MemoryEvent), recordsWaited: null }
  return { ...state, recordsWaited: state.recordsWaited! + 1 < MAX_RECORDS_WAITED ? state.recordsWaited! + 1 : null }
}

function parseEventDetails(event: MemoryEvent, text: string): Partial<EventDetails> | undefined {
  if (event.kind === 'slab-allocation-failure') return parseSlabFailureDetails(text)
  const caller = parseAllocationCaller(text)
  return caller === undefined ? undefined : { caller }
}
