// A live source: the readings of a node that a sampling thread reads, and its recorder.
import { getErrorCode, UserError } from '../base/errors.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import type { ActiveRead } from './active-read.ts'
import { createAsyncQueue } from './async-queue.ts'
import { sleep, waitAtMost } from './clock.ts'
import { type NodeChannel, startNodeThread } from './node-channel.ts'
import type { WorkerCommand } from './node-events.ts'
import type { ReadingSource, SourceBatch } from './reading-source.ts'
import type { NodeConfig } from './run-node.ts'
import type { LinkStatus } from './via/link/link-status.ts'

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

/** Milliseconds after which a read that hangs ends the start. */
const MAX_START_TIME = 15_000
/** Milliseconds that the last samples have after `stop`. */
const STOP_GRACE = 2000
/** Seconds after which a read is taken to hang. */
const HUNG_SECONDS = 2

// An error loses its class when it is passed between threads.
function restoreClass(error: Error): Error {
  if (getErrorCode(error) === 'ERR_WORKER_INIT_FAILED') return createStartError(error)
  return error.name === 'UserError' ? new UserError(error.message) : error
}

// EMFILE: too few open files are allowed; EAGAIN: too few threads (ulimit -u, pids.max).
const createStartError = (error: Error): UserError =>
  new UserError(`cannot start the sampling thread: ${error.message}; see ulimit -n, ulimit -u and pids.max`)

/** A value that changes, for one listener: it gets the latest value when it comes. */
function createLatest<Value>(): { set(value: Value): void; subscribe(listener: (value: Value) => void): void } {
  let latest: Value | undefined
  let notify: (value: Value) => void = () => {}
  return {
    set: value => {
      latest = value
      notify(value)
    },
    subscribe: listener => {
      notify = listener
      if (latest !== undefined) listener(latest)
    },
  }
}

/**
 * Starts sampling in a worker thread; resolves when the session is known.
 * @param program the worker's file
 * @throws UserError if the recording cannot be created
 */
export const startLiveSource = (program: URL, plan: NodeConfig): Promise<LiveSource> =>
  openLiveSource(startNodeThread(program, plan))

/**
 * Returns the source of a channel when its session is known. Batches are queued until they are read, so that a stalled terminal
 * loses none.
 * @throws UserError if the node cannot be reached or the recording cannot be created
 */
export async function openLiveSource(channel: NodeChannel): Promise<LiveSource> {
  const queue = createAsyncQueue<SourceBatch>()
  const flightRequests: ((bytes: Buffer) => void)[] = []
  const status = createLatest<RecorderStatus>()
  const link = createLatest<LinkStatus>()
  const started = Promise.withResolvers<RecordingHeader>()
  const exited = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let isStarted = false
  let isStopped = false
  const startSession = (session: RecordingHeader): void => {
    if (isStarted) queue.push({ session })
    else started.resolve(session)
    isStarted = true
  }
  channel.listen(
    event => {
      if ('readings' in event) queue.push(event.readings)
      else if ('session' in event) startSession(event.session)
      else if ('status' in event) status.set(event.status)
      else if ('link' in event) link.set(event.link)
      else flightRequests.shift()?.(Buffer.from(event.flight))
    },
    error => {
      if (error) queue.fail(restoreClass(error))
      else if (isStopped) queue.end()
      else queue.fail(new Error('the sampling thread ended'))
      started.reject(error ? restoreClass(error) : new Error('the sampling thread ended before its first reading'))
      exited.resolve()
      ended.resolve()
    },
  )
  const stop = (): void => {
    isStopped = true
    channel.stop()
    void waitAtMost(STOP_GRACE, exited.promise).then(() => {
      queue.end()
      if ((channel.getActiveRead()?.seconds ?? 0) >= HUNG_SECONDS) ended.resolve()
    })
  }
  void sleep(MAX_START_TIME).then(() => rejectIfHung(channel.getActiveRead(), started.reject))
  return {
    session: await started.promise,
    batches: queue.items,
    stop,
    getActiveRead: channel.getActiveRead,
    sendCommand: channel.send,
    getFlightRecording: () =>
      new Promise(resolve => {
        flightRequests.push(resolve)
        channel.send({ type: 'flight' })
      }),
    subscribeStatus: status.subscribe,
    subscribeLink: link.subscribe,
    ended: ended.promise,
  }
}

// A link may take its time: somebody types a password.
function rejectIfHung(read: ActiveRead | undefined, reject: (error: Error) => void): void {
  if (read) reject(new UserError(`${read.path} has not answered for ${read.seconds} s`))
}
