// The contents of a log: kills and events with their locations, and their boots.
import type { MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { Boot } from './boot-tracker.ts'

/** Where and when a line was logged. */
export interface LogLocation {
  readonly file: string
  readonly line: number
  /** index into the log's boots */
  readonly boot: number
  /** milliseconds since 1970 */
  readonly wall: number | null
  readonly bootSeconds: number | null
}

/** A kill with the file and line of its report. */
export interface LocatedKill {
  readonly kill: OomKill
  readonly location: LogLocation
}

/** A memory event with its file and line. */
export interface LocatedEvent {
  readonly event: MemoryEvent
  readonly location: LogLocation
}

/** Kills of processes of one name, in one boot and for one reason. `location` is that of the first. */
export interface RepeatedKill extends LocatedKill {
  readonly count: number
  readonly last: LogLocation
}

/** The contents of one log: a file and its rotations. */
export interface LogContents {
  readonly files: readonly string[]
  readonly boots: readonly Boot[]
  readonly kills: readonly LocatedKill[]
  readonly events: readonly LocatedEvent[]
  /** number of kills and events that are not kept in full */
  readonly omitted: { readonly kills: number; readonly events: number }
  /** what is kept of such kills */
  readonly omittedKills: readonly RepeatedKill[]
  /** reports that the kernel suppressed (rate limit) */
  readonly suppressed: number
  /** kills in the name of a program */
  readonly relayed: readonly RelayedKill[]
}

/** A kill that a program passed on, or made up: not proven to be the kernel's word. */
export interface RelayedKill extends LocatedKill {
  /** null: the log names no program */
  readonly program: string | null
}
