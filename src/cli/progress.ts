// Progress: how far it is, on stderr while something takes long, where that is a terminal.
import { type Clock, createSystemClock } from '../sampling/clock.ts'

const PROGRESS_DELAY = 1000 // ms without a word
const PROGRESS_INTERVAL = 250 // ms

/** Where it is said. */
export type ProgressStream = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** The same steps, each with its session time; of what takes longer than a second it is said how much is done. */
export function* trackProgress<T>(
  steps: Iterable<T>,
  getTime: (step: T) => number,
  { begin, end }: { readonly begin: number; readonly end: number },
  stream: ProgressStream = process.stderr,
  clock: Pick<Clock, 'now'> = createSystemClock(),
): Generator<T> {
  let due = clock.now() + PROGRESS_DELAY
  let isShown = false
  try {
    for (const step of steps) {
      yield step
      const now = clock.now()
      if (!stream.isTTY || now < due) continue
      const share = Math.min(1, Math.max(0, (getTime(step) - begin) / Math.max(1, end - begin)))
      stream.write(`\rkmemtop: reading, ${Math.floor(share * 100)} % `)
      isShown = true
      due = now + PROGRESS_INTERVAL
    }
  } finally {
    if (isShown) stream.write('\r\x1b[K')
  }
}
