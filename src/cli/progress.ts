// Progress: how far it is, on stderr while something takes long, where that is a terminal.
import { type Clock, createSystemClock } from '../sources/clock.ts'

const PATIENCE = 1000 // ms without a word
const EVERY = 250 // ms

/** Where it is said. */
export type Gauge = Pick<NodeJS.WriteStream, 'isTTY' | 'write'>

/** The same steps, each with its session time; of what takes longer than a second it is said how much is done. */
export function* withProgress<T>(
  steps: Iterable<T>,
  timeOf: (step: T) => number,
  { begin, end }: { readonly begin: number; readonly end: number },
  gauge: Gauge = process.stderr,
  clock: Pick<Clock, 'now'> = createSystemClock(),
): Generator<T> {
  let due = clock.now() + PATIENCE
  let said = false
  try {
    for (const step of steps) {
      yield step
      const now = clock.now()
      if (!gauge.isTTY || now < due) continue
      const share = Math.min(1, Math.max(0, (timeOf(step) - begin) / Math.max(1, end - begin)))
      gauge.write(`\rkmemtop: reading, ${Math.floor(share * 100)} % `)
      said = true
      due = now + EVERY
    }
  } finally {
    if (said) gauge.write('\r\x1b[K')
  }
}
