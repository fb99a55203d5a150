// ResultLocations: where in the files each kill and event was found, by the number of the message it came from.
import type { BootTracker } from './boot-tracker.ts'
import type { LogLocation } from './log-contents.ts'

interface MessagePlace {
  readonly file: string
  readonly line: number
  readonly wall: number | null
}

const MAX_PLACES = 30_000

/** Keeps the places of the messages that a result may come from, and of the results that are not finished. */
export class ResultLocations {
  private readonly places = new Map<number, MessagePlace>()
  private readonly locations = new Map<number, LogLocation>()

  /** Keeps where a message was: it may be the first line of a result. */
  addMessage(sequence: number, place: MessagePlace): void {
    if (this.places.size < MAX_PLACES) this.places.set(sequence, place)
  }

  /** Sets the location of a new result, from the message with its number. The time is that of the message, not of its report's end. */
  addResult(
    { sequence, time }: { readonly sequence: number | null; readonly time: number },
    boots: BootTracker,
    boot: number,
  ): void {
    const key = sequence ?? -1
    if (this.locations.has(key)) return
    const place = this.places.get(key) ?? { file: '', line: 1, wall: null }
    const bootSeconds = boots.hasKernelClock ? time / 1000 : null
    const wall = place.wall ?? boots.toWallClock(bootSeconds)
    this.locations.set(key, { file: place.file, line: place.line, boot, wall, bootSeconds })
  }

  get(sequence: number | null): LogLocation | undefined {
    return this.locations.get(sequence ?? -1)
  }

  /** Forgets all results but those with these numbers; without open reports, the messages too. */
  keepOnly(sequences: ReadonlySet<number>, hasOpenReports: boolean): void {
    for (const key of this.locations.keys()) if (!sequences.has(key)) this.locations.delete(key)
    if (!hasOpenReports) this.places.clear()
  }
}
