// The worker thread: samples and records even while the main thread is busy or its terminal is blocked. Posts the session, then
// batches of readings and the recorder's state.
import { parentPort, workerData } from 'node:worker_threads'
import type { Reading } from '../history.ts'
import type { RetentionPolicy } from '../recording/file-rotation.ts'
import type { FrameSummary } from '../recording/frame-index.ts'
import { Recorder, type RecorderStatus } from '../recording/recorder.ts'
import { createSleepingClock, WAKE, waitAtMost, yieldToEventLoop } from './clock.ts'
import { createLocalHost } from './local-host.ts'
import { readRecordingHeader } from './recording-header.ts'
import { type SamplingPlan, sampleLive } from './sample-live.ts'

/** Start data of the worker. `wakeWord`: see WAKE. `flight`: milliseconds of recording kept in memory. */
export interface WorkerConfig extends SamplingPlan {
  readonly root: string
  readonly wakeWord: Int32Array
  readonly flightDuration: number
  /** record from the first reading on */
  readonly record?: { readonly target: string; readonly retention: RetentionPolicy }
}

/** Commands of the main thread. */
export type WorkerCommand =
  | { readonly type: 'record'; readonly target: string; readonly retention: RetentionPolicy }
  | { readonly type: 'stop-recording' }
  | { readonly type: 'flight' }
  | { readonly type: 'mark'; readonly text: string }
  | ({ readonly type: 'note' } & Pick<FrameSummary, 'alerts' | 'minutes'>)

/** Events that the worker posts after the session. */
export type WorkerEvent =
  | { readonly readings: readonly Reading[] }
  | { readonly status: RecorderStatus }
  | { readonly flight: Uint8Array }

const STATUS_INTERVAL = 5000
const MAX_RECORD_WAIT = 250 // ms that sampling waits for a slow disk at most

async function runWorker({ root, wakeWord, flightDuration, record, ...plan }: WorkerConfig): Promise<void> {
  Error.stackTraceLimit = 0 // "no record yet" is an exception in Node: 25 per second, whose stack traces are never used
  const clock = createSleepingClock(wakeWord)
  const host = createLocalHost(root)
  const session = readRecordingHeader(host, clock, plan.interval)
  const recorder = new Recorder(session, flightDuration)
  const post = (event: WorkerEvent): void => parentPort!.postMessage(event)
  if (record) await recorder.start(record.target, record.retention)
  parentPort!.postMessage(session)
  let statusPostedAt = Number.NEGATIVE_INFINITY
  const postStatus = (): void => {
    statusPostedAt = clock.now()
    post({ status: recorder.getStatus() })
  }
  if (record) postStatus() // before any reading, so that the screen shows from the start that it records
  const recordReadings = async (readings: readonly Reading[]): Promise<void> => {
    const before = recorder.getStatus().problem
    await recorder.recordSample(readings)
    if (clock.now() - statusPostedAt >= STATUS_INTERVAL || recorder.getStatus().problem !== before) postStatus()
  }
  const handleCommand = async (command: WorkerCommand): Promise<void> => {
    if (command.type === 'note') return recorder.addToSummary(command)
    if (command.type === 'flight') return post({ flight: recorder.getFlightRecording() })
    if (command.type === 'mark') {
      const mark: Reading = { time: clock.now(), collector: 'mark', files: { text: command.text } }
      post({ readings: [mark] })
      return recordReadings([mark])
    }
    if (command.type === 'stop-recording') await recorder.stop()
    else await recorder.start(command.target, command.retention)
    postStatus()
  }
  // one after the other: a sample is recorded as a whole
  let pending: Promise<void> = Promise.resolve()
  const enqueue = (job: () => Promise<void>): Promise<void> => {
    pending = pending
      .then(job)
      .catch((error: Error) => post({ status: { ...recorder.getStatus(), problem: error.message } }))
    return pending
  }
  parentPort!.on('message', (command: WorkerCommand) => void enqueue(() => handleCommand(command)))
  for await (const batch of sampleLive(host, clock, plan, () => Atomics.load(wakeWord, 0) === WAKE.stop)) {
    if (batch.length > 0) {
      post({ readings: batch })
      await waitAtMost(
        MAX_RECORD_WAIT,
        enqueue(() => recordReadings(batch)),
      )
    }
    await yieldToEventLoop() // events of fs.watch are delivered here
  }
  await enqueue(() => recorder.stop())
  postStatus()
  host.close()
  parentPort!.close()
}

await runWorker(workerData as WorkerConfig)
