// The main thread's side of a sampling thread that serves one node.
import type { Worker } from 'node:worker_threads'
import { type ActiveRead, createReadBoard, getActiveRead } from './active-read.ts'
import { getMachineTime, WAKE } from './clock.ts'
import type { NodeEvent, WorkerCommand } from './node-events.ts'
import { startProgramWorker } from './program-files.ts'
import type { NodeConfig } from './run-node.ts'
import type { WorkerConfig } from './worker.ts'

/** A way to the sampling of one node. */
export interface NodeChannel {
  send(command: WorkerCommand): void
  stop(): void
  /** returns the read that the thread is in, if it is in one */
  getActiveRead(): ActiveRead | undefined
  /** calls back with each event, and once at the end, with the error that ended sampling if there is one */
  listen(onEvent: (event: NodeEvent) => void, onEnd: (error: Error | undefined) => void): void
}

const runningWorkers = new Set<Worker>()

/** Returns whether a sampling thread has not ended: Node cannot end a thread that is in the kernel. */
export const isSamplingThreadLeft = (): boolean => runningWorkers.size > 0

/** Starts a thread for the node. @param program the worker's file */
export function startNodeThread(program: URL, plan: NodeConfig): NodeChannel {
  const wakeWord = new Int32Array(new SharedArrayBuffer(4))
  const readBoard = createReadBoard()
  const config: WorkerConfig = { ...plan, wakeWord, readBoard }
  const worker = startProgramWorker(program, { workerData: config, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  runningWorkers.add(worker)
  return {
    send: command => {
      worker.postMessage(command)
      wakeWorker(wakeWord, WAKE.command)
    },
    stop: () => wakeWorker(wakeWord, WAKE.stop),
    getActiveRead: () => getActiveRead(readBoard, Math.floor(getMachineTime() / 1000)),
    listen: (onEvent, onEnd) => {
      let failure: Error | undefined
      worker.on('message', onEvent)
      worker.on('error', (error: Error) => {
        failure ??= error
      })
      worker.once('exit', () => {
        runningWorkers.delete(worker)
        onEnd(failure)
      })
    },
  }
}

// A command never replaces a stop.
function wakeWorker(wakeWord: Int32Array, reason: number): void {
  if (reason === WAKE.stop) Atomics.store(wakeWord, 0, reason)
  else Atomics.compareExchange(wakeWord, 0, 0, reason)
  Atomics.notify(wakeWord, 0)
}
