// What a log tells: kills and events, each with its place, and the boots they are of.
import type { MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import type { OomKill } from '../../collectors/kmsg/oom-kill.ts'
import type { Boot } from './boots.ts'

/** Where and when something was said. */
export interface Place {
  readonly file: string
  readonly line: number
  /** index into the log's boots */
  readonly boot: number
  /** milliseconds since 1970 */
  readonly wall: number | null
  readonly bootSeconds: number | null
}

export interface ToldKill {
  readonly kill: OomKill
  readonly place: Place
}

export interface ToldEvent {
  readonly event: MemoryEvent
  readonly place: Place
}

/** What one log (a file and its rotations) tells. */
export interface LogTale {
  readonly files: readonly string[]
  readonly boots: readonly Boot[]
  readonly kills: readonly ToldKill[]
  readonly events: readonly ToldEvent[]
  /** kills and events beyond what is kept in full */
  readonly more: { readonly kills: number; readonly events: number }
  /** reports the kernel left out (rate limit) */
  readonly suppressed: number
}
