// The worker thread: samples while the main thread is busy or its terminal stands still. Posts the session, then batches.
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from './clock.ts'
import { localHost } from './host.ts'
import { live, type Plan } from './live.ts'
import { readSession } from './session.ts'

/** What the worker is started with. */
export interface WorkerOrders extends Plan {
  readonly root: string
}

async function main({ root, ...plan }: WorkerOrders): Promise<void> {
  const clock = systemClock()
  const host = localHost(root)
  const stop = new AbortController()
  parentPort!.once('message', () => stop.abort())
  parentPort!.postMessage(readSession(host, clock, plan.interval))
  for await (const batch of live(host, clock, plan, stop.signal)) if (batch.length > 0) parentPort!.postMessage(batch)
  host.close()
  parentPort!.close()
}

await main(workerData as WorkerOrders)
