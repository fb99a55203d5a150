// Sampling threads that serve several nodes over links each: a thread costs 20 MB, a node in it a few.
import { MessageChannel, type Worker } from 'node:worker_threads'
import type { NodeChannel } from './node-channel.ts'
import type { NodeEvent } from './node-events.ts'
import { startProgramWorker } from './program-files.ts'
import type { NodeConfig } from './run-node.ts'
import type { NodeEnd, PortCommand, SharedNode, SharedWorkerConfig } from './worker.ts'

/** Threads at most. A node that does not answer in the middle of a sample delays those of its thread. */
const MAX_THREADS = 3

/** Starts nodes in threads that they share. */
export interface SharedThreads {
  start(config: NodeConfig): NodeChannel
  /** Ends the threads, after their nodes have ended. */
  end(): Promise<void>
}

/** @param program the worker's file */
export function createSharedThreads(program: URL): SharedThreads {
  const workers: Worker[] = []
  let count = 0
  const getWorker = (): Worker => {
    const index = count++ % MAX_THREADS
    const workerData: SharedWorkerConfig = { isShared: true }
    workers[index] ??= startProgramWorker(program, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
    return workers[index]
  }
  return {
    start: config => openChannel(getWorker(), config),
    end: async () => void (await Promise.all(workers.map(worker => worker.terminate()))),
  }
}

function openChannel(worker: Worker, config: NodeConfig): NodeChannel {
  const { port1: port, port2 } = new MessageChannel()
  const node: SharedNode = { config, port: port2 }
  worker.postMessage(node, [port2])
  const send = (command: PortCommand): void => port.postMessage(command)
  return {
    send,
    stop: () => send({ type: 'stop' }),
    getActiveRead: () => undefined,
    listen: (onEvent, onEnd) => {
      worker.once('error', onEnd)
      port.on('message', (event: NodeEvent | NodeEnd) => {
        if (!('ended' in event)) return onEvent(event)
        worker.off('error', onEnd)
        port.close()
        const { error } = event
        onEnd(error && Object.assign(new Error(error.message), { name: error.name }))
      })
    },
  }
}
