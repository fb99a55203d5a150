// Builds memory events from records: one line each, except for the `cache:` line and the stack trace that some have.
import { MINUTE } from '../../base/units.ts'
import { parseEvent, parseSlabFailureDetails } from './event-lines.ts'
import type { KernelRecord } from './kernel-record.ts'
import type { EventDetails, MemoryEvent, ProgramKill, StuckTask } from './memory-event.ts'
import { type ProgramContext, parseProgramEvent, updateContext } from './programs/program-lines.ts'
import { parseAllocationCaller, parseReclaimFunction } from './stack-frames.ts'

/** State that is kept between records. Newest last. */
export interface EventState extends ProgramContext {
  readonly events: readonly MemoryEvent[]
  /** records since the newest event that has further lines, while it waits for them; null if none waits */
  readonly recordsWaited: number | null
  /** session time of the last kill or event that shows a memory shortage */
  readonly troubleAt: number | null
  /** a stuck task without a shortage before it: its stack may say that it reclaims memory */
  readonly stuck: StuckTaskEvent | null
}

type StuckTaskEvent = MemoryEvent & StuckTask

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

// reclaims memory all the time, or makes large blocks of it
const RECLAIMER = /^(?:kswapd|kcompactd)\d+$/

/**
 * Returns the state with one more event. A stuck task counts only soon after a memory shortage (see `troubleAt`), or if it reclaims
 * memory, which its stack says.
 */
export function appendEvent<S extends EventState>(state: S, details: EventDetails, record: KernelRecord): S {
  const { time, sequence, text } = record
  const isStuck = details.kind === 'hung-task' || details.kind === 'soft-lockup' || details.kind === 'rcu-stall'
  const base = { time, sequence: sequence ?? null, text: text.slice(0, MAX_TEXT_LENGTH) }
  const isUnrelated = state.troubleAt === null || time - state.troubleAt > STUCK_TASK_WINDOW_MS
  if (isStuck && isUnrelated && !RECLAIMER.test(details.comm))
    return { ...state, stuck: { ...base, ...details }, recordsWaited: 0 }
  const event: MemoryEvent = { ...base, ...details }
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
  if (state.stuck) return addReclaim(state, state.stuck, record)
  const at = findWaitingEvent(state.events)
  const waiting = state.events[at]
  if (!waiting || (record.facility !== 0 && !isWarning(waiting))) return state
  const event = addDetails(waiting, record.text)
  const isComplete = event !== undefined && !('likelyCaller' in event)
  const events = event ? state.events.with(at, event) : state.events
  return { ...state, events, recordsWaited: isComplete ? null : countWait(state) }
}

function countWait({ recordsWaited }: EventState): number | null {
  const waited = (recordsWaited ?? 0) + 1
  return waited < MAX_RECORDS_WAITED ? waited : null
}

// A task that is stuck without a shortage before counts if its stack says that it reclaims memory.
function addReclaim<S extends EventState>(state: S, stuck: StuckTaskEvent, record: KernelRecord): S {
  if (record.facility !== 0) return state
  const reclaimsIn = parseReclaimFunction(record.text)
  const recordsWaited = countWait(state)
  if (reclaimsIn === undefined) return { ...state, recordsWaited, stuck: recordsWaited === null ? null : stuck }
  const events = [...state.events.slice(1 - MAX_EVENTS), { ...stuck, reclaimsIn }]
  return { ...state, events, recordsWaited: null, stuck: null, troubleAt: stuck.time }
}

/** Returns the event with what a further line says; undefined if the line says nothing. */
function addDetails(event: MemoryEvent, text: string): MemoryEvent | undefined {
  if (event.kind === 'slab-allocation-failure') {
    const details = parseSlabFailureDetails(text)
    return details && { ...event, ...details }
  }
  if (event.kind !== 'page-allocation-failure' && event.kind !== 'page-allocation-stall') return undefined
  const { likelyCaller, ...rest } = event
  const caller = parseAllocationCaller(text)
  if (caller?.isGuess === false) return { ...rest, caller: caller.name }
  return caller && { ...rest, likelyCaller: likelyCaller ?? caller.name }
}
