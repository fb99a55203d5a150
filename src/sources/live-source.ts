// The main thread's end of the worker: a live Source of this node, and its recorder.
import { Worker } from 'node:worker_threads'
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import { BELL } from './clock.ts'
import type { RecorderStatus } from './kmem/recorder.ts'
import { mailbox } from './mailbox.ts'
import type { Source } from './source.ts'
import type { Order, Post, WorkerOrders } from './worker.ts'

/** A source that can also be told to record. */
export interface LiveSource extends Source {
  order(order: Order): void
  /** the recording that memory holds of the last minutes */
  flight(): Promise<Buffer>
  /** called with the recorder's state: where it was told to record from the start before the first reading, then every few seconds */
  onStatus(listener: (status: RecorderStatus) => void): void
  /** resolves when sampling has ended and the recording is complete */
  readonly ended: Promise<void>
}

/**
 * Starts sampling in a worker thread; resolves when the session is known. Batches that come while nobody asks are kept:
 * a stalled terminal loses none.
 * @param program the worker's file
 * @throws UserError when the recording it was told to write cannot be made
 */
export async function liveSource(program: URL, plan: Omit<WorkerOrders, 'bell'>): Promise<LiveSource> {
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const orders: WorkerOrders = { ...plan, bell }
  const worker = new Worker(program, { workerData: orders, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const inbox = mailbox<readonly Reading[]>()
  const flights: ((bytes: Buffer) => void)[] = []
  let status: RecorderStatus | undefined
  let listen: (status: RecorderStatus) => void = () => {}
  const take = (post: Post): void => {
    if ('readings' in post) inbox.put(post.readings)
    else if ('status' in post) {
      status = post.status
      listen(status)
    } else flights.shift()?.(Buffer.from(post.flight))
  }
  const session = await new Promise<RecordingHeader>((resolve, reject) => {
    worker.once('message', (first: RecordingHeader) => {
      worker.on('message', take)
      resolve(first)
    })
    // an error loses its class on the way between threads
    worker.once('error', (error: Error) => reject(error.name === 'UserError' ? new UserError(error.message) : error))
    worker.once('exit', () => reject(new Error('the sampling thread ended before its first reading')))
  })
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  worker.on('error', inbox.fail)
  worker.once('exit', () =>
    Atomics.load(bell, 0) === BELL.stop ? inbox.end() : inbox.fail(new Error('the sampling thread ended')),
  )
  const order = (wanted: Order): void => {
    worker.postMessage(wanted)
    ring(bell, BELL.mail)
  }
  return {
    session,
    batches: inbox.items,
    stop: () => ring(bell, BELL.stop),
    order,
    flight: () =>
      new Promise(resolve => {
        flights.push(resolve)
        order({ type: 'flight' })
      }),
    onStatus: listener => {
      listen = listener
      if (status) listen(status)
    },
    ended,
  }
}

// Mail never takes the place of stop.
function ring(bell: Int32Array, word: number): void {
  if (word === BELL.stop) Atomics.store(bell, 0, word)
  else Atomics.compareExchange(bell, 0, 0, word)
  Atomics.notify(bell, 0)
}
