// The worker thread: samples while the main thread is busy or its terminal stands still. Posts the session, then batches.
import { parentPort, workerData } from 'node:worker_threads'
import { sleepingClock, turn } from './clock.ts'
import { localHost } from './host.ts'
import { live, type Plan } from './live.ts'
import { readSession } from './session.ts'

/** What the worker is started with. `bell`: one shared word; 1 means stop. */
export interface WorkerOrders extends Plan {
  readonly root: string
  readonly bell: Int32Array
}

async function main({ root, bell, ...plan }: WorkerOrders): Promise<void> {
  Error.stackTraceLimit = 0 // "no record yet" is an exception in Node: 25 a second, and nobody reads their stacks
  const clock = sleepingClock(bell)
  const host = localHost(root)
  parentPort!.postMessage(readSession(host, clock, plan.interval))
  const stopped = (): boolean => Atomics.load(bell, 0) === 1
  for await (const batch of live(host, clock, plan, stopped)) {
    if (batch.length > 0) parentPort!.postMessage(batch)
    await turn() // what fs.watch has to tell comes in here
  }
  host.close()
  parentPort!.close()
}

await main(workerData as WorkerOrders)
