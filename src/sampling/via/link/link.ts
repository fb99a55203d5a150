// The link to a node: a connection that is made again when it is lost, with growing pauses. A request is repeated over the new one.
import { UserError } from '../../../base/errors.ts'
import type { Answer } from '../answer.ts'
import { FarLog } from '../far-log.ts'
import { type LogProgress, openLog } from '../open-log.ts'
import { parseFiles } from '../parse-answers.ts'
import { PathWords } from '../path-words.ts'
import type { Waiting } from '../waiting.ts'
import { Connection } from './connection.ts'
import { describeMissingTools, type Hello } from './hello.ts'
import { LinkLostError, SampleLostError, SessionOverError } from './link-error.ts'
import { LinkReporter } from './link-reporter.ts'
import type { LinkOptions, LinkThread } from './link-thread.ts'
import { createPollPauses } from './poll-pauses.ts'
import { addSshDefaults } from './ssh-defaults.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const BACKOFF = { first: 1000, longest: 30_000 } // ms
const BACKOFF_STEP = 100 // ms between two checks whether sampling is to stop

type BuildRequests = (words: PathWords) => readonly string[]

/** Asks the node for files, over one connection after another. A request is repeated once it is made again. */
export class Link {
  /** why no request of this session will be answered */
  failure: Error | undefined
  words = new PathWords()
  private sampleFailure: Error | undefined
  /** session time at which an answer was asked for in the middle of a sample; undefined: between samples */
  private askedInSampleAt: number | undefined
  private connection: Connection | undefined
  private log = new FarLog()
  private readonly thread: LinkThread
  private readonly options: LinkOptions
  private logPath: string | undefined
  private bootId: string | undefined
  readonly reporter: LinkReporter

  private constructor(options: LinkOptions, thread: LinkThread) {
    this.options = options
    this.thread = thread
    this.reporter = new LinkReporter(options.command, thread.now, thread.postStatus)
  }

  /** Connects. @throws LinkLostError if no collector answers */
  static *open(options: LinkOptions, thread: LinkThread): Waiting<Link> {
    const link = new Link(options, thread)
    link.connection = yield* link.connect(options.isUnattended ?? false)
    link.bootId = yield* link.readBootId(link.connection)
    return link
  }

  /** Begins another session over the link, after `failure` ended one. Connects as often as it takes. */
  *restart(): Waiting<void> {
    const previous = this.bootId
    this.failure = undefined
    this.logPath = undefined
    this.bootId = undefined
    this.connection = yield* this.reconnect()
    if (this.bootId === previous) return
    this.log.forgetRecords() // another boot counts its records from 0
    this.reporter.rebootedAt = this.thread.now()
  }

  /** What the collector said when it came up last. */
  get hello(): Hello {
    return this.connection!.hello
  }

  /** Begins a sample: after one that was given up, requests are sent again. */
  beginSample(): void {
    this.sampleFailure = undefined
  }

  /** Sends what `build` makes of the words of the connection, as often as connections are lost. Throws only `failure`. */
  *exchange(build: BuildRequests): Waiting<readonly Answer[]> {
    for (;;) {
      if (this.failure) throw this.failure
      try {
        return yield* this.exchangeOnce(build)
      } catch (error) {
        this.handleError(error as Error)
      }
    }
  }

  /** Does an exchange in the middle of a sample. Throws `failure`, or a SampleLostError up to the next sample. */
  ask(build: BuildRequests): readonly Answer[] {
    return this.waitInSample(this.exchange(build))
  }

  /** Does an exchange beside the samples. It makes no new connection: that is for the next sample. @throws LinkLostError */
  async askBeside(build: BuildRequests): Promise<readonly Answer[]> {
    const { connection, words } = this
    if (!connection) throw new LinkLostError('there is no connection')
    const requests = build(words)
    return await this.thread.run(connection.exchange(words.takeDefinitions(), requests))
  }

  /** Does work of several exchanges in the middle of a sample. Throws as `ask` does. */
  waitInSample<Result>(work: Waiting<Result>): Result {
    const failure = this.failure ?? this.sampleFailure
    if (failure) throw failure
    this.askedInSampleAt = this.thread.now()
    try {
      return this.thread.block(work, this.reporter.delay)
    } finally {
      this.askedInSampleAt = undefined
    }
  }

  /** Opens the kernel log, and waits for what it holds if `isFirst`; gives why not, as the kernel's code. */
  *openLog(path: string, isFirst: boolean): Waiting<string | undefined> {
    const code = yield* openLog(this, path, isFirst, this.thread.now)
    if (code === undefined) this.logPath = path
    return code
  }

  readLogProgress(): LogProgress | undefined {
    return this.connection?.readLogProgress()
  }

  drainLog(): string {
    return this.connection?.drainLog() ?? ''
  }

  close(): void {
    this.connection?.close()
    this.connection = undefined
  }

  private *exchangeOnce(build: BuildRequests): Waiting<readonly Answer[]> {
    this.connection ??= yield* this.reconnect()
    const requests = build(this.words)
    const begun = this.thread.now()
    const answers = yield* this.connection.exchange(this.words.takeDefinitions(), requests)
    this.reporter.addDelay(this.thread.now() - begun)
    this.reporter.report('up', 0)
    return answers
  }

  private handleError(error: Error): void {
    if (error instanceof SampleLostError) this.giveUpSample(error.message, 'waiting')
    this.close()
    if (error instanceof LinkLostError && this.askedInSampleAt !== undefined && this.thread.isShared) {
      this.reporter.problem = error.message
      this.giveUpSample(error.message, 'down')
    }
    if (error instanceof LinkLostError && this.options.reconnects) {
      this.reporter.problem = error.message
      this.reporter.report('down', 0)
      return
    }
    this.failure =
      error instanceof LinkLostError ? new UserError(`the link to the node was lost: ${error.message}`) : error
    throw this.failure
  }

  // The other nodes of the thread do not wait: a late answer is dropped, and a new connection is made before the next sample.
  private giveUpSample(message: string, state: 'waiting' | 'down'): never {
    const now = this.thread.now()
    this.reporter.report(state, now - (this.askedInSampleAt ?? now))
    this.sampleFailure = new SampleLostError(message)
    throw this.sampleFailure
  }

  private *reconnect(): Waiting<Connection> {
    const begun = this.thread.now()
    for (let pause = BACKOFF.first; ; pause = Math.min(2 * pause, BACKOFF.longest)) {
      const retryAt = this.thread.now() + pause
      this.reporter.retryAt = retryAt
      while (this.thread.now() < retryAt) {
        this.reporter.report('down', this.thread.now() - begun)
        yield BACKOFF_STEP
      }
      try {
        const connection = yield* this.connect(true)
        yield* this.resume(connection)
        this.reporter.reconnects++
        return connection
      } catch (error) {
        if (!(error instanceof LinkLostError)) throw error
        this.reporter.problem = error.message
      }
    }
  }

  private *connect(isUnattended: boolean): Waiting<Connection> {
    this.words = new PathWords()
    this.reporter.forgetDelays()
    const command = addSshDefaults(this.options.command, isUnattended)
    const choosePause = createPollPauses(waited => this.reporter.report('waiting', waited))
    const connection = yield* Connection.open(command, this.log, this.thread.now, choosePause)
    this.reporter.missing = describeMissingTools(connection.hello)
    return connection
  }

  // The same boot continues the session, and its log.
  private *resume(connection: Connection): Waiting<void> {
    try {
      const bootId = yield* this.readBootId(connection)
      this.bootId ??= bootId
      if (bootId !== this.bootId)
        throw new SessionOverError(`the node was rebooted, or another node answers now (boot ID ${bootId})`)
      if (this.logPath !== undefined) yield* connection.exchange('', [`K # ${this.logPath}`])
    } catch (error) {
      connection.close()
      throw error
    }
  }

  private *readBootId(connection: Connection): Waiting<string> {
    const [batch] = this.words.encode([BOOT_ID])
    const [answer] = yield* connection.exchange(this.words.takeDefinitions(), [`L # ${batch!.words}`])
    return parseFiles(answer!.text, [BOOT_ID]).get(BOOT_ID)?.trim() ?? 'unknown'
  }
}
