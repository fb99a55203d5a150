// The link to a node: a connection that is made again when it is lost, with growing pauses. A request is repeated over the new one.
import { UserError } from '../../base/errors.ts'
import { type Answer, Connection } from './connection.ts'
import { FarLog } from './far-log.ts'
import { describeMissingTools, type Hello } from './hello.ts'
import { LinkLostError } from './link-error.ts'
import type { LinkStatus } from './link-status.ts'
import { parseFiles } from './parse-answers.ts'
import { PathWords } from './path-words.ts'
import { addSshDefaults } from './ssh-defaults.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const BACKOFF = { first: 1000, longest: 30_000 } // ms
const WAITING_AFTER = 2000 // ms without an answer that are worth a word
const STATUS_INTERVAL = 1000 // ms
const DELAYS_KEPT = 20
const POLL = { first: 0.5, longest: 10, growth: 1.3 } // ms between two reads of the pipe

/** What the link needs of the thread it runs in. `nap` throws when sampling is to stop. */
export interface LinkThread {
  now(): number
  nap(ms: number): void
  postStatus(status: LinkStatus): void
}

export interface LinkOptions {
  readonly command: string
  /** false: a lost connection is the end, as for a single sample */
  readonly reconnects: boolean
}

export class Link {
  /** why no request will be answered any more */
  failure: Error | undefined
  words = new PathWords()
  private connection: Connection | undefined
  private readonly log = new FarLog()
  private readonly thread: LinkThread
  private readonly options: LinkOptions
  private logPath: string | undefined
  private bootId: string | undefined
  private delays: number[] = []
  private postedAt = Number.NEGATIVE_INFINITY
  private postedState: LinkStatus['state'] | undefined
  private problem = ''
  private reconnects = 0
  private missing: readonly string[] = []

  /** Connects. @throws LinkLostError when no collector answers */
  constructor(options: LinkOptions, thread: LinkThread) {
    this.options = options
    this.thread = thread
    this.connection = this.connect(false)
    this.bootId = this.readBootId(this.connection)
  }

  /** What the collector said when it came up last. */
  get hello(): Hello {
    return this.connection!.hello
  }

  /** Milliseconds that an answer takes however little is asked. */
  get delay(): number {
    return Math.min(...this.delays, Number.MAX_VALUE)
  }

  /** Sends what `build` makes of the words of the connection, as often as connections are lost. Throws only `failure`. */
  exchange(build: (words: PathWords) => readonly string[]): readonly Answer[] {
    for (;;) {
      if (this.failure) throw this.failure
      try {
        this.connection ??= this.reconnect()
        const requests = build(this.words)
        const begun = this.thread.now()
        const answers = this.connection.exchange(this.words.takeDefinitions(), requests)
        this.delays = [...this.delays, this.thread.now() - begun].slice(-DELAYS_KEPT)
        this.postStatus('up', 0)
        return answers
      } catch (error) {
        this.handleError(error as Error)
      }
    }
  }

  /** Opens the kernel log; gives why not, as the kernel's code. */
  openLog(path: string): string | undefined {
    const [answer] = this.exchange(() => [`K # ${path}`])
    const word = answer!.text.trim()
    if (word !== 'STARTED') return word || 'EIO'
    this.logPath = path
    return undefined
  }

  drainLog(): string {
    return this.connection?.drainLog() ?? ''
  }

  close(): void {
    this.connection?.close()
    this.connection = undefined
  }

  private handleError(error: Error): void {
    this.close()
    if (error instanceof LinkLostError && this.options.reconnects) {
      this.problem = error.message
      this.postStatus('down', 0)
      return
    }
    this.failure =
      error instanceof LinkLostError ? new UserError(`the link to the node was lost: ${error.message}`) : error
    throw this.failure
  }

  private reconnect(): Connection {
    const begun = this.thread.now()
    for (let pause = BACKOFF.first; ; pause = Math.min(2 * pause, BACKOFF.longest)) {
      for (const end = this.thread.now() + pause; this.thread.now() < end; ) {
        this.postStatus('down', this.thread.now() - begun)
        this.thread.nap(100)
      }
      try {
        const connection = this.connect(true)
        this.checkBoot(connection)
        if (this.logPath !== undefined) connection.exchange('', [`K # ${this.logPath}`])
        this.reconnects++
        return connection
      } catch (error) {
        if (!(error instanceof LinkLostError)) throw error
        this.problem = error.message
      }
    }
  }

  private connect(isReconnect: boolean): Connection {
    this.words = new PathWords()
    this.delays = []
    const command = addSshDefaults(this.options.command, isReconnect)
    let nextPoll = POLL.first
    const connection = new Connection(command, this.log, this.thread.now, waited => {
      if (waited < POLL.first * 4) nextPoll = POLL.first
      if (waited >= WAITING_AFTER) this.postStatus('waiting', waited)
      this.thread.nap(nextPoll)
      nextPoll = Math.min(POLL.longest, nextPoll * POLL.growth)
    })
    this.missing = describeMissingTools(connection.hello)
    return connection
  }

  private checkBoot(connection: Connection): void {
    const bootId = this.readBootId(connection)
    if (bootId === this.bootId) return
    connection.close()
    throw new UserError(
      `the node was restarted, or another one answers now (boot ID ${bootId}, before ${this.bootId}); start kmemtop again`,
    )
  }

  private readBootId(connection: Connection): string {
    const [batch] = this.words.encode([BOOT_ID])
    const [answer] = connection.exchange(this.words.takeDefinitions(), [`L # ${batch!.words}`])
    return parseFiles(answer!.text, [BOOT_ID]).get(BOOT_ID)?.trim() ?? 'unknown'
  }

  private postStatus(state: LinkStatus['state'], lasted: number): void {
    const now = this.thread.now()
    if (state === this.postedState && now - this.postedAt < STATUS_INTERVAL) return
    this.postedAt = now
    this.postedState = state
    const { command } = this.options
    const delay = this.delays.length === 0 ? undefined : this.delay
    const { missing, reconnects } = this
    const since = now - lasted
    this.thread.postStatus({
      command,
      state,
      delay,
      since,
      lasted,
      missing,
      reconnects,
      ...(state === 'down' ? { problem: this.problem } : {}),
    })
  }
}
