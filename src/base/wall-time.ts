// Wall clock of session times, and back: the wall clock may be set while a session lasts, and its time then comes twice or never.

/** A wall clock that was set. `wallClock` is milliseconds since 1970 at session time 0; from `time` of a step on that of the step. */
export interface SessionClock {
  readonly wallClock: number
  readonly clockSteps?: readonly { readonly time: number; readonly wallClock: number }[] | undefined
}

/** A part of a session in which the wall clock was not set. */
export interface ClockSegment {
  readonly begin: number
  readonly end: number
  readonly wallClock: number
}

/** The parts between two session times, oldest first. */
export function listClockSegments(
  { wallClock, clockSteps = [] }: SessionClock,
  begin: number,
  end: number,
): readonly ClockSegment[] {
  const starts = [{ time: Number.NEGATIVE_INFINITY, wallClock }, ...clockSteps]
  return starts
    .map((start, i) => ({
      begin: Math.max(begin, start.time),
      end: Math.min(end, starts[i + 1]?.time ?? Number.POSITIVE_INFINITY),
      wallClock: start.wallClock,
    }))
    .filter((segment, i, all) => segment.begin < segment.end || (all.length === 1 && i === 0))
}

/** Returns the wall clock at a session time, in milliseconds since 1970: what journalctl shows of that moment. */
export function computeWallTime({ wallClock, clockSteps = [] }: SessionClock, time: number): number {
  const step = clockSteps.findLast(one => one.time <= time)
  return (step?.wallClock ?? wallClock) + time
}

/**
 * Returns the session time between two at which the wall clock showed `wall`: of two the later one. A time that the clock left out is the
 * moment at which it was set.
 */
export function findSessionTime(clock: SessionClock, wall: number, begin: number, end: number): number {
  const segments = listClockSegments(clock, begin, end)
  const holding = segments.findLast(one => wall >= one.begin + one.wallClock && wall < one.end + one.wallClock)
  if (holding) return wall - holding.wallClock
  const after = segments.findIndex((one, i) => i > 0 && wall < one.begin + one.wallClock)
  const before = segments[after - 1]
  if (before && wall >= before.end + before.wallClock) return before.end
  const edge = wall < (segments[0]?.begin ?? 0) + (segments[0]?.wallClock ?? 0) ? segments[0] : segments.at(-1)
  return wall - (edge?.wallClock ?? clock.wallClock)
}
