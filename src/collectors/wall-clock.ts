// Steps of the wall clock: NTP sets it, a VM is resumed or restored, a machine wakes up. Session time is monotonic and goes on.
import { ParseError } from '../base/errors.ts'
import { splitLines } from '../base/text.ts'
import { computeWallTime, type SessionClock } from '../base/wall-time.ts'
import type { ClockStep, Collector, Files, RecordingHeader } from './collector.ts'

/** The name of the steps in a recording, no file of the node. */
export const CLOCK_FILE = '/clock'

const MAX_STEPS = 100

/** All steps of the session, oldest first. */
export interface WallClock {
  readonly steps: readonly ClockStep[]
}

/** Each reading holds all steps so far, so that a recording can be entered behind one. */
export const clock: Collector<WallClock> = {
  kind: 'file',
  external: true,
  title: 'steps of the wall clock',
  interval: 0,
  openReader: () => () => ({}),
  empty: { steps: [] },
  applyFiles: (state, files, _, session) => {
    const text = files[CLOCK_FILE]
    return text ? { steps: parseSteps(text, session) } : state
  },
}

// step 3612345 1795452000000 9000000: at this CLOCK_MONOTONIC the wall clock became that, by so much
const LINE = /^(step|suspend) (\d+) (\d+) (-?\d+)$/

/** @throws ParseError for a line that is no step */
function parseSteps(text: string, { monotonic }: RecordingHeader): readonly ClockStep[] {
  if (monotonic === undefined) return []
  return splitLines(text).map((line, i) => {
    const [, kind, at, wall, by] = LINE.exec(line) ?? []
    if (kind === undefined) throw new ParseError(CLOCK_FILE, i + 1, 'step MONOTONIC WALL BY', line)
    const time = Number(at) - monotonic
    return { time, wallClock: Number(wall) - time, kind: kind === 'step' ? 'step' : 'suspend', by: Number(by) }
  })
}

/** The steps that a reading of the clock holds. */
export const readSteps = ({ files }: { readonly files: Files }, session: RecordingHeader): readonly ClockStep[] =>
  parseSteps(files[CLOCK_FILE] ?? '', session)

/** The recorded text of steps. */
export const formatSteps = (steps: readonly ClockStep[], monotonic: number): string =>
  steps
    .slice(-MAX_STEPS)
    .map(({ kind, time, wallClock, by }) => {
      const numbers = [monotonic + time, wallClock + time, by].map(Math.round)
      return `${kind} ${numbers.join(' ')}\n`
    })
    .join('')

/** Returns the wall clock at a session time, in milliseconds since 1970: what journalctl shows of that moment. */
export const toWallTime = (clock: SessionClock, time: number): number => computeWallTime(clock, time)
