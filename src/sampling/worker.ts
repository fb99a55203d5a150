// The worker thread: samples and records even while the main thread is busy or its terminal is blocked. It serves one node, and
// blocks while it waits; or several nodes over links, each with a port of its own.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { ReadBoard } from './active-read.ts'
import { createSleepingClock, createSystemClock, sleepInThread, WAKE } from './clock.ts'
import type { WorkerCommand } from './node-events.ts'
import { type NodeConfig, runNode, type SamplingThread } from './run-node.ts'
import { StoppedError } from './via/link/link-error.ts'
import { createShortBlock } from './via/short-block.ts'
import { type Waiting, waitInThread, waitWithOthers } from './via/waiting.ts'

delete process.env.NODE_COMPILE_CACHE // it was for this worker, not for the commands that it starts

/** Start data of a worker of one node. `wakeWord`: see WAKE. */
export interface WorkerConfig extends NodeConfig {
  readonly wakeWord: Int32Array
  /** where each read of this machine is noted while it lasts */
  readonly readBoard: ReadBoard
}

/** Start data of a worker of several nodes. */
export interface SharedWorkerConfig {
  readonly isShared: true
}

/** Starts sampling one more node in a worker of several. */
export interface SharedNode {
  readonly config: NodeConfig
  readonly port: MessagePort
}

/** What the port of a node gets: a command, or the end. */
export type PortCommand = WorkerCommand | { readonly type: 'stop' }

/** The last message of a port: sampling has ended, with an error or without. */
export interface NodeEnd {
  readonly ended: true
  readonly error?: { readonly name: string; readonly message: string }
}

async function runSingleNode({ wakeWord, readBoard, ...config }: WorkerConfig): Promise<void> {
  const port = parentPort!
  const clock = createSleepingClock(wakeWord)
  // commands that come while the thread is blocked, when no event arrives
  const handleWaiting = (): void => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      node?.handle(next.message as WorkerCommand, true)
  }
  const nap = (ms: number): void => {
    const reason = sleepInThread(wakeWord, ms)
    if (reason === 'stop') throw new StoppedError()
    if (reason === 'command') handleWaiting()
  }
  const wait = <Result>(work: Waiting<Result>): Result => waitInThread(work, nap)
  const thread: SamplingThread = {
    isShared: false,
    readBoard,
    clock,
    now: clock.now,
    block: wait,
    run: wait,
    post: event => port.postMessage(event),
    isStopped: () => Atomics.load(wakeWord, 0) === WAKE.stop,
    wake: () => void Atomics.compareExchange(wakeWord, 0, 0, WAKE.command),
  }
  let node: ReturnType<typeof runNode> | undefined
  node = runNode(config, thread)
  port.on('message', (command: WorkerCommand) => node.handle(command, false))
  try {
    await node.ended
  } finally {
    port.close()
  }
}

async function runSharedNode({ config, port }: SharedNode): Promise<void> {
  const stopped = new AbortController()
  const { signal } = stopped
  const system = createSystemClock()
  const clock = { ...system, sleepUntil: (time: number) => system.sleepUntil(time, signal) }
  const wakeWord = new Int32Array(new SharedArrayBuffer(4))
  const block = createShortBlock(clock.now, ms => void sleepInThread(wakeWord, ms))
  const pause = async (ms: number): Promise<void> => {
    await clock.sleepUntil(clock.now() + ms)
    if (signal.aborted) throw new StoppedError()
  }
  const thread: SamplingThread = {
    isShared: true,
    readBoard: new SharedArrayBuffer(0), // only reads of this machine are noted
    clock,
    now: clock.now,
    block,
    run: work => waitWithOthers(work, pause),
    post: event => port.postMessage(event),
    isStopped: () => signal.aborted,
    wake: () => {},
  }
  const node = runNode(config, thread)
  port.on('message', (command: PortCommand) => {
    if (command.type === 'stop') stopped.abort()
    else node.handle(command, false)
  })
  const end: NodeEnd = await node.ended.then(
    () => ({ ended: true }),
    ({ name, message }: Error) =>
      name === 'StoppedError' ? { ended: true } : { ended: true, error: { name, message } },
  )
  port.postMessage(end)
  port.close()
}

function run(config: WorkerConfig | SharedWorkerConfig): void {
  Error.stackTraceLimit = 0 // "no record yet" is an exception in Node: 25 per second, whose stack traces are never used
  if ('isShared' in config) parentPort!.on('message', (node: SharedNode) => void runSharedNode(node))
  // not awaited: in the single executable this is no module; an error is one of the worker either way
  else void runSingleNode(config)
}

run(workerData as WorkerConfig | SharedWorkerConfig)
