// The worker thread: samples and records even while the main thread is busy or its terminal is blocked. Posts the session, then
// batches of readings and the recorder's state.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Files } from '../collectors/collector.ts'
import type { Reading } from '../history.ts'
import type { RetentionPolicy } from '../recording/file-rotation.ts'
import type { FrameSummary } from '../recording/frame-index.ts'
import { Recorder, type RecorderStatus } from '../recording/recorder.ts'
import type { ReadBoard } from './active-read.ts'
import { createSleepingClock, WAKE, waitAtMost, yieldToEventLoop } from './clock.ts'
import { addClockSteps } from './clock-watch.ts'
import { createSurveyor } from './holders/surveyor.ts'
import { type NodePlace, openNode } from './open-node.ts'
import { type SamplingPlan, sampleLive } from './sample-live.ts'
import type { LinkStatus } from './via/link-status.ts'

/** Start data of the worker. `wakeWord`: see WAKE. `flight`: milliseconds of recording kept in memory. */
export interface WorkerConfig extends SamplingPlan, NodePlace {
  readonly wakeWord: Int32Array
  /** where each read of this machine is noted while it lasts */
  readonly readBoard: ReadBoard
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
  /** counts of application logs, by their name */
  | { readonly type: 'applog'; readonly files: Files }
  /** find out who holds the memory of an alert: once, lazily, beside sampling */
  | { readonly type: 'survey'; readonly reason: string }
  | ({ readonly type: 'note' } & Pick<FrameSummary, 'alerts' | 'minutes'>)

/** Events that the worker posts after the session. */
export type WorkerEvent =
  | { readonly readings: readonly Reading[] }
  | { readonly status: RecorderStatus }
  | { readonly flight: Uint8Array }
  | { readonly link: LinkStatus }

const STATUS_INTERVAL = 5000
const MAX_RECORD_WAIT = 250 // ms that sampling waits for a slow disk at most

/** Posts the state of the link, from `start` on: the header must come first. */
function createLinkPoster(post: (event: WorkerEvent) => void): { post(link: LinkStatus): void; start(): void } {
  let isStarted = false
  let latest: LinkStatus | undefined
  return {
    post: link => {
      latest = link
      if (isStarted) post({ link })
    },
    start: () => {
      isStarted = true
      if (latest) post({ link: latest })
    },
  }
}

/** Hands on commands that came while the thread waits in itself, where no event arrives. */
function createMail(): { handle: (command: WorkerCommand) => void; handleAll(): void } {
  const mail = {
    handle: (_: WorkerCommand): void => {},
    handleAll: () => {
      for (let next = receiveMessageOnPort(parentPort!); next; next = receiveMessageOnPort(parentPort!))
        mail.handle(next.message as WorkerCommand)
    },
  }
  return mail
}

const toReading = (command: Extract<WorkerCommand, { type: 'mark' | 'applog' }>, time: number): Reading => ({
  time,
  collector: command.type,
  files: command.type === 'mark' ? { text: command.text } : command.files,
})

async function runWorker({ root, via, flightDuration, record, ...shared }: WorkerConfig): Promise<void> {
  const { wakeWord, readBoard, ...plan } = shared
  Error.stackTraceLimit = 0 // "no record yet" is an exception in Node: 25 per second, whose stack traces are never used
  const clock = createSleepingClock(wakeWord)
  const post = (event: WorkerEvent): void => parentPort!.postMessage(event)
  const link = createLinkPoster(post)
  const mail = createMail()
  const thread = { wakeWord, readBoard, clock, postStatus: link.post, handleCommands: mail.handleAll }
  const { host, surveyHost, checkClock, session } = openNode({ root, via }, plan.interval, thread)
  const recorder = new Recorder(session, flightDuration)
  if (record) await recorder.start(record.target, record.retention)
  parentPort!.postMessage(session)
  link.start()
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
  const publish = (reading: Reading): Promise<void> => {
    post({ readings: [reading] })
    return recordReadings([reading])
  }
  const handleCommand = async (command: Exclude<WorkerCommand, { type: 'survey' }>): Promise<void> => {
    if (command.type === 'note') return recorder.addToSummary(command)
    if (command.type === 'flight') return post({ flight: recorder.getFlightRecording() })
    if (command.type === 'mark' || command.type === 'applog') return publish(toReading(command, clock.now()))
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
  const startSurvey = createSurveyor(surveyHost, clock, wakeWord, reading => enqueue(() => publish(reading)))
  // while another node does not answer, what memory holds can still be asked for
  mail.handle = command => {
    if (command.type === 'survey') startSurvey(command.reason)
    else if (command.type === 'flight') post({ flight: recorder.getFlightRecording() })
    else void enqueue(() => handleCommand(command))
  }
  parentPort!.on('message', (command: WorkerCommand) => {
    if (command.type === 'survey') startSurvey(command.reason)
    else void enqueue(() => handleCommand(command))
  })
  try {
    const samples = sampleLive(host, clock, plan, () => Atomics.load(wakeWord, 0) === WAKE.stop)
    for await (const batch of addClockSteps(samples, checkClock)) {
      if (batch.length > 0) {
        post({ readings: batch })
        await waitAtMost(
          MAX_RECORD_WAIT,
          enqueue(() => recordReadings(batch)),
        )
      }
      await yieldToEventLoop() // events of fs.watch are delivered here
    }
  } finally {
    await enqueue(() => recorder.stop())
    postStatus()
    host.close()
    parentPort!.close()
  }
}

// not awaited: in the single executable this is no module; an error is one of the worker either way
void runWorker(workerData as WorkerConfig)
