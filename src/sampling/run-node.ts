// Samples one node and records it, until it is stopped. Posts the session, then batches of readings and the recorder's state.
import type { Reading } from '../history.ts'
import { Recorder } from '../recording/recorder.ts'
import type { RetentionPolicy } from '../recording/retention.ts'
import { waitAtMost, yieldToEventLoop } from './clock.ts'
import { addClockSteps } from './clock-watch.ts'
import { createSurveyor } from './holders/surveyor.ts'
import type { NodeEvent, WorkerCommand } from './node-events.ts'
import { type NodePlace, type NodeThread, type OpenNode, openNode } from './open-node.ts'
import { type SamplingPlan, sampleLive } from './sample-live.ts'
import { SessionOverError, StoppedError } from './via/link/link-error.ts'
import type { LinkStatus } from './via/link/link-status.ts'

/** What to sample. `flightDuration`: milliseconds of recording kept in memory. */
export interface NodeConfig extends SamplingPlan, NodePlace {
  readonly flightDuration: number
  /** record from the first reading on */
  readonly record?: { readonly target: string; readonly retention: RetentionPolicy }
}

/** The thread as the sampling of one node sees it. */
export interface SamplingThread extends Omit<NodeThread, 'postStatus'> {
  post(event: NodeEvent): void
  isStopped(): boolean
  /** ends the wait between two samples for a turn of the event loop */
  wake(): void
}

/** A node that is sampled. */
export interface RunningNode {
  /** @param isWaiting the thread is blocked while a node does not answer */
  handle(command: WorkerCommand, isWaiting: boolean): void
  /** resolves after the last sample, when the recording is complete. Rejects with what ended sampling. */
  readonly ended: Promise<void>
}

const STATUS_INTERVAL = 5000
const MAX_RECORD_WAIT = 250 // ms that sampling waits for a slow disk at most

/** Posts the state of the link, from `start` on: the session must come first. */
function createLinkPoster(post: (event: NodeEvent) => void): { post(link: LinkStatus): void; start(): void } {
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

const toReading = (command: Extract<WorkerCommand, { type: 'mark' | 'applog' }>, time: number): Reading => ({
  time,
  collector: command.type,
  files: command.type === 'mark' ? { text: command.text } : command.files,
})

/** Starts sampling a node. Commands that come before it is reached are dropped. */
export function runNode(config: NodeConfig, thread: SamplingThread): RunningNode {
  const node: { handle: RunningNode['handle'] } = { handle: () => {} }
  const link = createLinkPoster(thread.post)
  const opened = thread.run(openNode(config, config.interval, { ...thread, postStatus: link.post }))
  const start = async (): Promise<void> => {
    const first = await opened
    const sampling = new NodeSampling(config, thread, first)
    await sampling.start()
    link.start()
    node.handle = (command, isWaiting) => sampling.handle(command, isWaiting)
    await sampling.run()
  }
  return { handle: (command, isWaiting) => node.handle(command, isWaiting), ended: start() }
}

class NodeSampling {
  private readonly config: NodeConfig
  private readonly thread: SamplingThread
  private node: OpenNode
  private readonly recorder: Recorder
  private readonly startSurvey: (reason: string) => void
  private statusPostedAt = Number.NEGATIVE_INFINITY
  /** one after the other: a sample is recorded as a whole */
  private pending: Promise<void> = Promise.resolve()

  constructor(config: NodeConfig, thread: SamplingThread, node: OpenNode) {
    this.config = config
    this.thread = thread
    this.node = node
    this.recorder = new Recorder(node.session, config.flightDuration)
    const deliver = (reading: Reading): Promise<void> => this.publish([reading])
    this.startSurvey = createSurveyor(node.surveyHost, thread.clock, thread.wake, deliver)
  }

  async start(): Promise<void> {
    const { record } = this.config
    if (record) await this.recorder.start(record.target, record.retention)
    this.thread.post({ session: this.node.session })
    if (record) this.postStatus() // before any reading, so that the screen shows from the start that it records
  }

  // While another node does not answer, what memory holds can still be asked for.
  handle(command: WorkerCommand, isWaiting: boolean): void {
    if (command.type === 'survey') this.startSurvey(command.reason)
    else if (command.type === 'flight' && isWaiting) this.postFlight()
    else if (command.type === 'mark' || command.type === 'applog')
      void this.publish([toReading(command, this.thread.clock.now())])
    else void this.enqueue(() => this.execute(command))
  }

  async run(): Promise<void> {
    try {
      while (await this.runSession());
    } finally {
      await this.enqueue(() => this.recorder.stop())
      this.postStatus()
      this.node.host.close()
    }
  }

  // true: another session follows.
  private async runSession(): Promise<boolean> {
    const { thread, config, node } = this
    try {
      const samples = sampleLive(node.host, thread.clock, config, () => thread.isStopped())
      for await (const batch of addClockSteps(samples, node.checkClock)) await this.takeBatch(batch)
      return false
    } catch (error) {
      if (error instanceof StoppedError) return false
      if (!(error instanceof SessionOverError && node.reopen)) throw error
    }
    return this.beginNextSession()
  }

  private async beginNextSession(): Promise<boolean> {
    try {
      this.node = await this.thread.run(this.node.reopen!())
    } catch (error) {
      if (error instanceof StoppedError) return false
      throw error
    }
    const { session } = this.node
    await this.enqueue(() => this.recorder.switchSession(session))
    this.thread.post({ session })
    return true
  }

  private async takeBatch(batch: readonly Reading[]): Promise<void> {
    if (batch.length > 0) await waitAtMost(MAX_RECORD_WAIT, this.publish(batch))
    await yieldToEventLoop() // events of fs.watch are delivered here
  }

  private async execute(command: Exclude<WorkerCommand, { type: 'survey' | 'mark' | 'applog' }>): Promise<void> {
    if (command.type === 'note') return this.recorder.addToSummary(command)
    if (command.type === 'flight') return this.postFlight()
    if (command.type === 'stop-recording') await this.recorder.stop()
    else await this.recorder.start(command.target, command.retention)
    this.postStatus()
  }

  private postFlight(): void {
    this.thread.post({ flight: this.recorder.getFlightRecording() })
  }

  // Recorded in the order in which they are posted, also where the disk is slow.
  private publish(readings: readonly Reading[]): Promise<void> {
    this.thread.post({ readings })
    return this.enqueue(() => this.record(readings))
  }

  private async record(readings: readonly Reading[]): Promise<void> {
    const before = this.recorder.getStatus().problem
    await this.recorder.recordSample(readings)
    const isDue = this.thread.clock.now() - this.statusPostedAt >= STATUS_INTERVAL
    if (isDue || this.recorder.getStatus().problem !== before) this.postStatus()
  }

  private postStatus(): void {
    this.statusPostedAt = this.thread.clock.now()
    this.thread.post({ status: this.recorder.getStatus() })
  }

  private enqueue(job: () => Promise<void>): Promise<void> {
    this.pending = this.pending.then(job).catch((error: Error) => {
      this.thread.post({ status: { ...this.recorder.getStatus(), problem: error.message } })
    })
    return this.pending
  }
}
