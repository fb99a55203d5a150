// A queue that is put into from outside and read by `for await`.

export interface Mailbox<T> {
  put(item: T): void
  fail(error: Error): void
  end(): void
  readonly items: AsyncIterable<T>
}

export function mailbox<T>(): Mailbox<T> {
  const waiting: T[] = []
  let ended = false
  let failure: Error | undefined
  let wake: () => void = () => {}
  async function* items(): AsyncGenerator<T> {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!
      if (failure) throw failure
      if (ended) return
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const set =
    <Args extends readonly unknown[]>(change: (...args: Args) => unknown) =>
    (...args: Args) => {
      change(...args)
      wake()
    }
  return {
    put: set((item: T) => waiting.push(item)),
    fail: set((error: Error) => {
      failure = error
    }),
    end: set(() => {
      ended = true
    }),
    items: items(),
  }
}
