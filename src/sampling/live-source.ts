// The main thread's side of the worker: the live source of this node, and its recorder.
import type { Worker } from 'node:worker_threads'
import { UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import { type ActiveRead, createReadBoard, getActiveRead } from './active-read.ts'
import { createAsyncQueue } from './async-queue.ts'
import { getMachineTime, sleep, WAKE, waitAtMost } from './clock.ts'
import { startProgramWorker } from './program-files.ts'
import type { ReadingSource } from './reading-source.ts'
import type { LinkStatus } from './via/link-status.ts'
import type { WorkerCommand, WorkerConfig, WorkerEvent } from './worker.ts'

/** A source that accepts commands, such as to record. */
export interface LiveSource extends ReadingSource {
  sendCommand(order: WorkerCommand): void
  /** returns the recording of the last minutes, which is kept in memory */
  getFlightRecording(): Promise<Buffer>
  /** called with the recorder's state every few seconds; before the first reading if it records from the start */
  subscribeStatus(listener: (status: RecorderStatus) => void): void
  /** calls back with the state of the link to a node that is reached over a command */
  subscribeLink(listener: (status: LinkStatus) => void): void
  /** resolves after sampling has ended and the recording is complete, or if the thread hangs in the kernel after `stop` */
  readonly ended: Promise<void>
  /** returns the read that the thread is in, if it is in one */
  getActiveRead(): ActiveRead | undefined
}

// An error loses its class when it is passed between threads.
const restoreClass = (error: Error): Error => (error.name === 'UserError' ? new UserError(error.message) : error)

/**
 * Starts sampling in a worker thread; resolves when the session is known. Batches are queued until they are read, so that a stalled
 * terminal loses none.
 * @param program the worker's file
 * @throws UserError if the recording cannot be created
 */
export async function startLiveSource(
  program: URL,
  plan: Omit<WorkerConfig, 'wakeWord' | 'readBoard'>,
): Promise<LiveSource> {
  const wakeWord = new Int32Array(new SharedArrayBuffer(4))
  const readBoard = createReadBoard()
  const findActiveRead = (): ActiveRead | undefined => getActiveRead(readBoard, Math.floor(getMachineTime() / 1000))
  const config: WorkerConfig = { ...plan, wakeWord, readBoard }
  const worker = startProgramWorker(program, { workerData: config, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
  const queue = createAsyncQueue<readonly Reading[]>()
  const flightRequests: ((bytes: Buffer) => void)[] = []
  let status: RecorderStatus | undefined
  let notifyStatus: (status: RecorderStatus) => void = () => {}
  let link: LinkStatus | undefined
  let notifyLink: (status: LinkStatus) => void = () => {}
  const handleEvent = (event: WorkerEvent): void => {
    if ('readings' in event) queue.push(event.readings)
    else if ('status' in event) {
      status = event.status
      notifyStatus(status)
    } else if ('link' in event) {
      link = event.link
      notifyLink(link)
    } else flightRequests.shift()?.(Buffer.from(event.flight))
  }
  runningWorkers.add(worker)
  const session = await new Promise<RecordingHeader>((resolve, reject) => {
    void sleep(MAX_START_TIME).then(() => rejectIfHung(findActiveRead(), reject))
    worker.once('message', (header: RecordingHeader) => {
      worker.on('message', handleEvent)
      resolve(header)
    })
    worker.once('error', (error: Error) => reject(restoreClass(error)))
    worker.once('exit', () => reject(new Error('the sampling thread ended before its first reading')))
  })
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const ended = Promise.withResolvers<void>()
  void exited.then(() => {
    runningWorkers.delete(worker)
    ended.resolve()
  })
  const stop = (): void => {
    wakeWorker(wakeWord, WAKE.stop)
    void waitAtMost(STOP_GRACE, exited).then(() => {
      queue.end()
      if ((findActiveRead()?.seconds ?? 0) >= HUNG_SECONDS) ended.resolve()
    })
  }
  worker.on('error', (error: Error) => queue.fail(restoreClass(error)))
  worker.once('exit', () =>
    Atomics.load(wakeWord, 0) === WAKE.stop ? queue.end() : queue.fail(new Error('the sampling thread ended')),
  )
  const sendCommand = (command: WorkerCommand): void => {
    worker.postMessage(command)
    wakeWorker(wakeWord, WAKE.command)
  }
  return {
    session,
    batches: queue.items,
    stop,
    getActiveRead: findActiveRead,
    sendCommand,
    getFlightRecording: () =>
      new Promise(resolve => {
        flightRequests.push(resolve)
        sendCommand({ type: 'flight' })
      }),
    subscribeStatus: listener => {
      notifyStatus = listener
      if (status) notifyStatus(status)
    },
    subscribeLink: listener => {
      notifyLink = listener
      if (link) notifyLink(link)
    },
    ended: ended.promise,
  }
}

// A link may take its time: somebody types a password.
function rejectIfHung(read: ActiveRead | undefined, reject: (error: Error) => void): void {
  if (read) reject(new UserError(`${read.path} has not answered for ${read.seconds} s`))
}

const runningWorkers = new Set<Worker>()

/** Milliseconds after which a read that hangs ends the start. */
const MAX_START_TIME = 15_000
/** Milliseconds that the last samples have after `stop`. */
const STOP_GRACE = 2000
/** Seconds after which a read is taken to hang. */
const HUNG_SECONDS = 2

/** Returns whether a sampling thread has not ended: Node cannot end a thread that is in the kernel. */
export const isSamplingThreadLeft = (): boolean => runningWorkers.size > 0

// A command never replaces a stop.
function wakeWorker(wakeWord: Int32Array, reason: number): void {
  if (reason === WAKE.stop) Atomics.store(wakeWord, 0, reason)
  else Atomics.compareExchange(wakeWord, 0, 0, reason)
  Atomics.notify(wakeWord, 0)
}
