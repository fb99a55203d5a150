// The worker thread: samples and records while the main thread is busy or its terminal stands still.
// Posts the session, then batches of readings and how the recorder is doing.
import { parentPort, workerData } from 'node:worker_threads'
import type { Reading } from '../history.ts'
import { BELL, sleepingClock, turn, within } from './clock.ts'
import { localHost } from './host.ts'
import { Recorder, type RecorderStatus } from './kmem/recorder.ts'
import type { Keeping } from './kmem/shelf.ts'
import type { Summary } from './kmem/trailer.ts'
import { live, type Plan } from './live.ts'
import { readSession } from './session.ts'

/** What the worker is started with. `bell`: one shared word, see BELL. `flight`: milliseconds that memory keeps of what was recorded. */
export interface WorkerOrders extends Plan {
  readonly root: string
  readonly bell: Int32Array
  readonly flight: number
  /** record from the first reading on */
  readonly record?: { readonly target: string; readonly keeping: Keeping }
}

/** What the main thread may ask for meanwhile. */
export type Order =
  | { readonly type: 'record'; readonly target: string; readonly keeping: Keeping }
  | { readonly type: 'stop-recording' }
  | { readonly type: 'flight' }
  | { readonly type: 'mark'; readonly text: string }
  | ({ readonly type: 'note' } & Pick<Summary, 'alerts' | 'minutes'>)

/** What the worker posts after the session. */
export type Post =
  | { readonly readings: readonly Reading[] }
  | { readonly status: RecorderStatus }
  | { readonly flight: Uint8Array }

const STATUS_EVERY = 5000
const PATIENCE = 250 // ms that sampling waits for a slow disk

async function main({ root, bell, flight, record, ...plan }: WorkerOrders): Promise<void> {
  Error.stackTraceLimit = 0 // "no record yet" is an exception in Node: 25 a second, and nobody reads their stacks
  const clock = sleepingClock(bell)
  const host = localHost(root)
  const session = readSession(host, clock, plan.interval)
  const recorder = new Recorder(session, flight)
  const post = (message: Post): void => parentPort!.postMessage(message)
  if (record) await recorder.start(record.target, record.keeping)
  parentPort!.postMessage(session)
  let saidAt = Number.NEGATIVE_INFINITY
  const sayStatus = (): void => {
    saidAt = clock.now()
    post({ status: recorder.status() })
  }
  if (record) sayStatus() // before any reading: what is recorded already is known to be
  const take = async (readings: readonly Reading[]): Promise<void> => {
    const before = recorder.status().problem
    await recorder.look(readings)
    if (clock.now() - saidAt >= STATUS_EVERY || recorder.status().problem !== before) sayStatus()
  }
  const obey = async (order: Order): Promise<void> => {
    if (order.type === 'note') return recorder.note(order)
    if (order.type === 'flight') return post({ flight: recorder.flight() })
    if (order.type === 'mark') {
      const mark: Reading = { time: clock.now(), collector: 'mark', files: { text: order.text } }
      post({ readings: [mark] })
      return take([mark])
    }
    if (order.type === 'stop-recording') await recorder.stop()
    else await recorder.start(order.target, order.keeping)
    sayStatus()
  }
  // one after the other: a look is recorded as a whole
  let work: Promise<void> = Promise.resolve()
  const enqueue = (job: () => Promise<void>): Promise<void> => {
    work = work.then(job).catch((error: Error) => post({ status: { ...recorder.status(), problem: error.message } }))
    return work
  }
  parentPort!.on('message', (order: Order) => void enqueue(() => obey(order)))
  for await (const batch of live(host, clock, plan, () => Atomics.load(bell, 0) === BELL.stop)) {
    if (batch.length > 0) {
      post({ readings: batch })
      await within(
        PATIENCE,
        enqueue(() => take(batch)),
      )
    }
    await turn() // what fs.watch has to tell comes in here
  }
  await enqueue(() => recorder.stop())
  sayStatus()
  host.close()
  parentPort!.close()
}

await main(workerData as WorkerOrders)
