// A queue that is filled from outside and read with `for await`.

/** `items` ends after `end`, and throws the error of `fail`, both after the items pushed before. */
export interface AsyncQueue<T> {
  push(item: T): void
  fail(error: Error): void
  end(): void
  readonly items: AsyncIterable<T>
}

/** Creates an empty queue. */
export function createAsyncQueue<T>(): AsyncQueue<T> {
  const waiting: T[] = []
  let ended = false
  let failure: Error | undefined
  let wake: () => void = () => {}
  async function* readItems(): AsyncGenerator<T> {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!
      if (failure) throw failure
      if (ended) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const wakeAfter =
    <Args extends readonly unknown[]>(change: (...args: Args) => unknown) =>
    (...args: Args) => {
      change(...args)
      wake()
    }
  return {
    push: wakeAfter((item: T) => waiting.push(item)),
    fail: wakeAfter((error: Error) => {
      failure ??= error // the end of a thread that failed is not another failure
    }),
    end: wakeAfter(() => {
      ended = true
    }),
    items: readItems(),
  }
}
