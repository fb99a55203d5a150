// One connection to a collector: from the start of the command to its end. Sends requests and waits for their answers.
import { randomBytes, randomInt } from 'node:crypto'
import { type Answer, parseAnswer } from '../answer.ts'
import { HELLO, LOG_MARK, linkScript, REQUEST } from '../collector-script.ts'
import type { FarLog } from '../far-log.ts'
import type { LogProgress } from '../open-log.ts'
import type { Waiting } from '../waiting.ts'
import { EndProbe } from './end-probe.ts'
import { FarErrors } from './far-errors.ts'
import { type FarShell, startFarShell } from './far-shell.ts'
import { type Hello, parseHello } from './hello.ts'
import { Inbox } from './inbox.ts'
import { LinkLostError } from './link-error.ts'
import {
  describeSilence,
  describeTimeout,
  findEcho,
  findRefusal,
  HELLO_TIMEOUT,
  hasBegun,
  type OtherOutput,
  quoteLastWords,
  SLOW_TIMEOUT,
  TERMINAL,
} from './other-output.ts'

/** Characters of one answer, and of noise before the hello, that are taken. */
const MAX_ANSWER = 32 * 2 ** 20
const MAX_NOISE = 8 * 2 ** 20
const TOO_MUCH = `the far side sent more than ${MAX_ANSWER / 2 ** 20} MiB for one request: that is no collector`
/** Milliseconds in which nothing came of an answer, after which the connection is given up. */
export const ANSWER_TIMEOUT = 30_000

/** Chooses the next pause of a wait, in milliseconds. `waited`: milliseconds that the wait has lasted. */
export type ChoosePause = (waited: number) => number

/** One run of the command and the collector in it. It ends at the first error; `Link` makes another. */
export class Connection {
  private readonly shell: FarShell
  private readonly log: FarLog
  private readonly choosePause: ChoosePause
  private readonly now: () => number
  private pendingInput = ''
  private readonly inbox = new Inbox()
  private readonly errors: FarErrors
  private number = randomInt(1e6, 1e9)
  /** numbers of the requests that were sent and not answered, in the order of their answers */
  private readonly open: number[] = []
  /** of these, the ones that somebody waits for */
  private readonly wanted = new Set<number>()
  private readonly answers = new Map<number, Answer>()
  private isClosed = false
  /** whether stderr of the far side comes over stdout */
  private isJoined = false
  private said: Hello | undefined
  /** when something came on stdout */
  private heardAt = Number.NEGATIVE_INFINITY

  private constructor(shell: FarShell, log: FarLog, now: () => number, choosePause: ChoosePause) {
    this.shell = shell
    this.log = log
    this.errors = new FarErrors(shell, log)
    this.now = now
    this.choosePause = choosePause
  }

  /** Starts the command and waits for the collector's hello. @throws LinkLostError, with what the command printed */
  static *open(command: string, log: FarLog, now: () => number, choosePause: ChoosePause): Waiting<Connection> {
    const connection = new Connection(startFarShell(command), log, now, choosePause)
    const nonce = randomBytes(8).toString('hex')
    const probe = new EndProbe(command, nonce)
    log.startConnection(nonce)
    connection.pendingInput = `kmemtop_nonce=${nonce}\n${linkScript}`
    try {
      connection.said = yield* connection.waitForHello(nonce, connection.pendingInput, probe)
    } catch (error) {
      connection.close()
      throw error
    } finally {
      probe.close()
    }
    return connection
  }

  get hello(): Hello {
    return this.said!
  }

  /**
   * Sends requests, each a line with `#` for its number, and gives their answers in order. Several exchanges may wait at a time; an answer
   * that nobody waits for any more is dropped. @throws LinkLostError
   */
  *exchange(definitions: string, requests: readonly string[]): Waiting<readonly Answer[]> {
    const numbers = requests.map(() => this.number++)
    const lines = requests.map((request, i) => `${REQUEST}${request.replace('#', String(numbers[i]))}\n`)
    this.pendingInput += definitions + lines.join('')
    for (const number of numbers) {
      this.open.push(number)
      this.wanted.add(number)
    }
    try {
      for (const number of numbers) yield* this.waitForAnswer(number)
      return numbers.map(number => this.answers.get(number)!)
    } finally {
      for (const number of numbers) {
        this.wanted.delete(number)
        this.answers.delete(number)
      }
    }
  }

  /** Kernel records that came since the last call. */
  drainLog(): string {
    return this.errors.drain()
  }

  /** How far the kernel log has come. */
  readLogProgress(): LogProgress {
    const isFull = this.errors.read()
    const { marks, isQuiet, newest } = this.log
    const isEnough = newest > this.hello.uptime || isFull
    return { marks, isJoined: this.isJoined, isQuiet, isEnough }
  }

  /** What the command itself said last on stderr. */
  get words(): string {
    this.errors.read()
    return `${this.log.words}${this.log.partialWords}`.trim()
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.shell.close()
  }

  private *waitForHello(nonce: string, input: string, probe: EndProbe): Waiting<Hello> {
    const getOutput = (): string => this.inbox.peek()
    const isSilent = (): boolean => !hasBegun(getOutput(), nonce)
    const isOver = (waited: number): boolean => waited > (isSilent() ? HELLO_TIMEOUT : SLOW_TIMEOUT)
    const describe = (): string => describeSilence(this.readOtherOutput(nonce), getOutput())
    for (const begun = this.now(); ; yield* this.wait(begun, isOver, describe)) {
      const found = this.inbox.takeUntil(`${HELLO} ${nonce} `)
      if (found?.rest.endsWith('\r')) throw new LinkLostError(TERMINAL)
      this.isJoined = found?.before.includes(`${LOG_MARK} ${nonce}`) ?? false
      if (found) return parseHello(found.rest)
      if (this.inbox.length > MAX_NOISE) throw new LinkLostError('the command gives other output, and no shell')
      const waited = this.now() - begun
      const refusal =
        findRefusal(this.readOtherOutput(nonce), waited) ??
        (isSilent() ? (findEcho(getOutput, input, waited) ?? probe.judge(waited, getOutput)) : undefined)
      if (refusal !== undefined) throw new LinkLostError(refusal)
    }
  }

  private readOtherOutput(nonce: string): OtherOutput {
    const { words, log, inbox } = this
    return { words, partialWords: log.partialWords, lastPiece: inbox.peekEnd(), nonce }
  }

  // Whoever waits takes the answers to earlier requests as well.
  private *waitForAnswer(number: number): Waiting<void> {
    const describe = (): string => `${describeTimeout(ANSWER_TIMEOUT)}${this.quoteWords()}`
    const begun = this.now()
    const isOver = (waited: number): boolean =>
      waited > SLOW_TIMEOUT || this.now() - Math.max(begun, this.heardAt) > ANSWER_TIMEOUT
    for (; ; yield* this.wait(begun, isOver, describe)) {
      while (!this.answers.has(number) && this.takeNextAnswer());
      if (this.answers.has(number)) return
      if (this.inbox.length > MAX_ANSWER) throw new LinkLostError(TOO_MUCH)
    }
  }

  private takeNextAnswer(): boolean {
    const [number] = this.open
    if (number === undefined) return false
    const found = this.inbox.takeUntil(`\nE ${number} `)
    if (!found) return false
    this.open.shift()
    const answer = parseAnswer(found.before, `B ${number}\n`, Number(found.rest))
    if (this.wanted.has(number)) this.answers.set(number, { ...answer, at: this.now() })
    return true
  }

  // Each call moves what can be moved, and pauses only when nothing could.
  private *wait(begun: number, isOver: (waited: number) => boolean, describe: () => string): Waiting<void> {
    if (this.isClosed) throw new LinkLostError('the connection was closed')
    const hasSent = this.sendPending()
    const text = this.shell.readOutput()
    if (text === undefined) throw new LinkLostError(this.describeEnd())
    this.inbox.add(text)
    if (text !== '') this.heardAt = this.now()
    if (text !== '' || hasSent) return
    this.errors.read()
    const waited = this.now() - begun
    if (isOver(waited)) throw new LinkLostError(describe())
    yield this.choosePause(waited)
  }

  private sendPending(): boolean {
    if (this.pendingInput === '') return false
    const before = this.pendingInput.length
    try {
      this.pendingInput = this.shell.write(this.pendingInput)
    } catch {
      this.inbox.add(this.shell.readOutput() ?? '') // its last words
      throw new LinkLostError(this.describeEnd())
    }
    return this.pendingInput.length < before
  }

  private describeEnd(): string {
    return `the command ended${this.quoteWords()}`
  }

  private quoteWords(): string {
    return quoteLastWords(this.words, this.said ? undefined : this.inbox.peek())
  }
}
