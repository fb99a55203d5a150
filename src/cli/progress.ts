// Progress on stderr, if it is a terminal, while a command reads a long recording.
import { type Clock, createSystemClock } from '../sampling/clock.ts'

const PROGRESS_DELAY = 1000 // ms before the first message
const PROGRESS_INTERVAL = 250 // ms

const formatProgress = (share: number): string => `kmemtop: reading, ${Math.floor(share * 100)} % `

/** The stream that shows progress. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/**
 * Passes the steps through, and shows how much is done when they take longer than a second.
 * @param getTime the session time of a step
 */
export function* trackProgress<T>(
  steps: Iterable<T>,
  getTime: (step: T) => number,
  { begin, end }: { readonly begin: number; readonly end: number },
  {
    stream = process.stderr,
    clock = createSystemClock(),
  }: { readonly stream?: ProgressStream; readonly clock?: Pick<Clock, 'now'> } = {},
): Generator<T> {
  let due = clock.now() + PROGRESS_DELAY
  let isShown = false
  try {
    for (const step of steps) {
      yield step
      const now = clock.now()
      if (!stream.isTTY || now < due) continue
      const share = Math.min(1, Math.max(0, (getTime(step) - begin) / Math.max(1, end - begin)))
      stream.write(`\r${formatProgress(share)}`)
      isShown = true
      due = now + PROGRESS_INTERVAL
    }
  } finally {
    if (isShown) stream.write(`\r${' '.repeat(formatProgress(1).length)}\r`) // a dumb terminal knows no sequence that erases
  }
}
