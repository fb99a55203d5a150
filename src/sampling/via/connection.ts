// One connection to a collector: from the start of the command to its end. Requests are sent and answers waited for, synchronously.
import { randomBytes, randomInt } from 'node:crypto'
import { collectorScript, HELLO } from './collector-script.ts'
import type { FarLog } from './far-log.ts'
import { type FarShell, startFarShell } from './far-shell.ts'
import { type Hello, parseHello } from './hello.ts'
import { Inbox } from './inbox.ts'
import { LinkLostError } from './link-error.ts'

/** Characters of one answer, and of noise before the hello, that are taken. */
const MAX_ANSWER = 32 * 2 ** 20
const MAX_NOISE = 2 ** 20
/** Milliseconds without an answer after which the connection is given up. */
export const ANSWER_TIMEOUT = 30_000
const HELLO_TIMEOUT = 60_000
const MAX_LOG_READ = 4 << 20 // bytes of the kernel log that are taken at once

/** Waits a little; throws when sampling is to stop. `waited`: milliseconds that this wait has lasted. */
export type Nap = (waited: number) => void

/** An answer without its first and last line, and the exit code that came with it. */
export interface Answer {
  readonly text: string
  readonly code: number
}

export class Connection {
  readonly hello: Hello
  private readonly shell: FarShell
  private readonly log: FarLog
  private readonly nap: Nap
  private readonly now: () => number
  private pendingInput: string
  private readonly inbox = new Inbox()
  private pendingErrors = ''
  private number = randomInt(1e6, 1e9)

  /** Starts the command and waits for the collector's hello. @throws LinkLostError, with what the command said */
  constructor(command: string, log: FarLog, now: () => number, nap: Nap) {
    this.log = log
    this.now = now
    this.nap = nap
    this.shell = startFarShell(command)
    log.startConnection()
    const nonce = randomBytes(8).toString('hex')
    this.pendingInput = `kmemtop_nonce=${nonce}\n${collectorScript}`
    try {
      this.hello = this.waitForHello(nonce)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Sends requests, each a line with `#` for its number, and gives their answers in order. @throws LinkLostError */
  exchange(definitions: string, requests: readonly string[]): readonly Answer[] {
    const numbers = requests.map(() => this.number++)
    const lines = requests.map((request, i) => `${request.replace('#', String(numbers[i]))}\n`)
    this.pendingInput += definitions + lines.join('')
    return numbers.map(number => this.waitForAnswer(number))
  }

  /** Kernel records that came since the last call. */
  drainLog(): string {
    this.readErrors()
    const text = this.pendingErrors
    this.pendingErrors = ''
    return text
  }

  /** What the command itself said last on stderr. */
  get words(): string {
    this.readErrors()
    return this.log.words.trim()
  }

  close(): void {
    this.shell.close()
  }

  private readErrors(): void {
    for (let remaining = MAX_LOG_READ; remaining > 0 && this.pendingErrors.length < MAX_LOG_READ; ) {
      const text = this.shell.readErrors(remaining)
      if (text === '') return
      remaining -= text.length
      this.pendingErrors += this.log.take(text)
    }
  }

  private waitForHello(nonce: string): Hello {
    for (const wait = this.startWait(HELLO_TIMEOUT); ; wait()) {
      const found = this.inbox.takeUntil(`${HELLO} ${nonce} `)
      if (found?.rest.endsWith('\r'))
        throw new LinkLostError(
          'there is a terminal in between, which changes line ends: leave out -t (ssh -t, docker exec -t)',
        )
      if (found) return parseHello(found.rest)
      if (this.inbox.length > MAX_NOISE) throw new LinkLostError('the command gives other output, and no shell')
    }
  }

  private waitForAnswer(number: number): Answer {
    const begin = `B ${number}\n`
    const end = `\nE ${number} `
    for (const wait = this.startWait(ANSWER_TIMEOUT); ; wait()) {
      const found = this.inbox.takeUntil(end)
      if (found) return parseAnswer(found.before, begin, Number(found.rest))
      if (this.inbox.length > MAX_ANSWER)
        throw new LinkLostError(
          `the far side sent more than ${MAX_ANSWER / 2 ** 20} MiB for one request: that is no collector`,
        )
    }
  }

  // Each call moves what can be moved, and naps only when nothing could.
  private startWait(timeout: number): () => void {
    const begun = this.now()
    return () => {
      const hasSent = this.sendPending()
      const text = this.shell.readOutput()
      if (text === undefined) throw new LinkLostError(this.describeEnd())
      this.inbox.add(text)
      if (text !== '' || hasSent) return
      this.readErrors()
      const waited = this.now() - begun
      if (waited > timeout) throw new LinkLostError(`no answer for ${Math.round(timeout / 1000)} s${this.quoteWords()}`)
      this.nap(waited)
    }
  }

  private sendPending(): boolean {
    if (this.pendingInput === '') return false
    const before = this.pendingInput.length
    try {
      this.pendingInput = this.shell.write(this.pendingInput)
    } catch {
      throw new LinkLostError(this.describeEnd())
    }
    return this.pendingInput.length < before
  }

  private describeEnd(): string {
    return `the command ended${this.quoteWords()}`
  }

  private quoteWords(): string {
    const { words } = this
    return words === '' ? '' : `: ${words}`
  }
}

// Noise may come before the first line of an answer.
function parseAnswer(text: string, begin: string, code: number): Answer {
  const from = text.startsWith(begin) ? 0 : text.indexOf(`\n${begin}`) + 1
  if (from === 0 && !text.startsWith(begin)) throw new LinkLostError('an answer came without its beginning')
  return { text: text.slice(from + begin.length), code: Number.isInteger(code) ? code : 255 }
}
