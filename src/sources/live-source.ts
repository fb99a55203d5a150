// The main thread's end of the worker: a live Source of this node.
import { Worker } from 'node:worker_threads'
import type { Session } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import type { Source } from './source.ts'
import type { WorkerOrders } from './worker.ts'

/**
 * Starts sampling in a worker thread; resolves when the session is known. Batches that come while nobody asks are kept:
 * a stalled terminal loses none.
 * @param program the worker's file
 */
export async function liveSource(program: URL, plan: Omit<WorkerOrders, 'bell'>): Promise<Source> {
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const orders: WorkerOrders = { ...plan, bell }
  const worker = new Worker(program, { workerData: orders, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const inbox = mailbox<readonly Reading[]>()
  const session = await new Promise<Session>((resolve, reject) => {
    worker.once('message', (first: Session) => {
      worker.on('message', inbox.put)
      resolve(first)
    })
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the sampling thread ended before its first reading')))
  })
  worker.on('error', inbox.fail)
  worker.once('exit', () =>
    Atomics.load(bell, 0) === 1 ? inbox.end() : inbox.fail(new Error('the sampling thread ended')),
  )
  return { session, batches: inbox.items, stop: () => ring(bell) }
}

function ring(bell: Int32Array): void {
  Atomics.store(bell, 0, 1)
  Atomics.notify(bell, 0)
}

/** A queue that is put into from outside and read by `for await`. */
function mailbox<T>(): { put(item: T): void; fail(error: Error): void; end(): void; items: AsyncIterable<T> } {
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
  const set = (change: () => void) => () => {
    change()
    wake()
  }
  return {
    put: item => set(() => waiting.push(item))(),
    fail: error => set(() => (failure = error))(),
    end: set(() => (ended = true)),
    items: items(),
  }
}
