// Work that waits for a node. It yields the length of each pause, so that the same code serves a thread that may block and one that samples several nodes.

/** Work that yields the milliseconds after which it continues. */
export type Waiting<Result> = Generator<number, Result, void>

/** Does the work at once. `nap` blocks the thread; an error that it throws reaches the work at its pause. */
export function waitInThread<Result>(work: Waiting<Result>, nap: (ms: number) => void): Result {
  let step = work.next()
  while (!step.done) {
    try {
      nap(step.value)
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next()
  }
  return step.value
}

/** Does the work while the thread does other work in the pauses. */
export async function waitWithOthers<Result>(
  work: Waiting<Result>,
  pause: (ms: number) => Promise<void>,
): Promise<Result> {
  let step = work.next()
  while (!step.done) {
    try {
      await pause(step.value)
    } catch (error) {
      step = work.throw(error)
      continue
    }
    step = work.next()
  }
  return step.value
}
