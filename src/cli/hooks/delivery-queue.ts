// A queue of deliveries to the outside: one at a time, bounded in number and rate, tried again where that helps.
import { getErrorMessage } from '../../base/errors.ts'
import { MINUTE, SECOND } from '../../base/units.ts'
import { createSystemClock, waitAtMost } from '../../sampling/clock.ts'

/** How a queue delivers. */
export interface DeliveryOptions<Item> {
  /** names the receiver in messages, without secrets */
  readonly name: string
  /** @throws when it failed */
  readonly deliver: (item: Item) => Promise<void>
  /** a failed delivery is tried again until it succeeds or its place is needed */
  readonly retries: boolean
  readonly log: (text: string) => void
  /** how many items may wait; then the oldest make room */
  readonly maxWaiting?: number
  /** milliseconds for each delivery after the first ten */
  readonly refillTime?: number
}

/** The receiver does not want this item: to send it again would not help. */
export class RefusedError extends Error {}

const MAX_WAITING = 100
const BURST = 10 // deliveries at once; then one for each refill time
const REFILL_TIME = 6 * SECOND
const MAX_TIME_AT_END = 5 * SECOND
const RETRY_DELAY = { first: SECOND, last: MINUTE } as const

/** Delivers items in order. The oldest make room when too many wait. */
export class DeliveryQueue<Item> {
  private readonly waiting: Item[] = []
  private readonly clock = createSystemClock()
  private readonly stopping = new AbortController()
  private dropped = 0
  private undelivered = 0
  private tokens = BURST
  private refilledAt = 0
  private running: Promise<void> | undefined
  private isFailing = false
  private readonly options: Required<DeliveryOptions<Item>>

  constructor(options: DeliveryOptions<Item>) {
    this.options = { maxWaiting: MAX_WAITING, refillTime: REFILL_TIME, ...options }
  }

  push(item: Item): void {
    this.waiting.push(item)
    if (this.waiting.length > this.options.maxWaiting) {
      this.waiting.shift()
      this.dropped++
    }
    this.running ??= this.deliverAll().finally(() => {
      this.running = undefined
    })
  }

  /** Delivers what waits once more, without pauses, for at most `maxTime` milliseconds; says how many it could not deliver. */
  async finish(maxTime = MAX_TIME_AT_END): Promise<void> {
    this.stopping.abort()
    if (this.running) await waitAtMost(maxTime, this.running)
    const lost = this.undelivered + this.waiting.length
    if (lost > 0)
      this.options.log(`${this.options.name}: the last ${lost === 1 ? 'one was' : `${lost} were`} not delivered`)
  }

  private async deliverAll(): Promise<void> {
    for (let item = this.waiting.shift(); item !== undefined; item = this.waiting.shift()) {
      this.undelivered++
      await this.waitForToken()
      if (await this.deliverOne(item)) this.undelivered--
    }
    if (this.dropped > 0) this.options.log(`${this.options.name}: ${this.dropped} were left out, too many waited`)
    this.dropped = 0
  }

  /** Whether the item needs no more attention: delivered, refused, or left out for newer ones. */
  private async deliverOne(item: Item): Promise<boolean> {
    const { deliver, retries, maxWaiting } = this.options
    for (let delay: number = RETRY_DELAY.first; ; delay = Math.min(delay * 2, RETRY_DELAY.last)) {
      try {
        await deliver(item)
        this.reportSuccess()
        return true
      } catch (error) {
        const isFinal = !retries || error instanceof RefusedError
        this.reportFailure(getErrorMessage(error), isFinal)
        const isReplaced = this.waiting.length >= maxWaiting
        if (isReplaced) this.dropped++
        if (isFinal || isReplaced) return true
        if (this.stopping.signal.aborted) return false
      }
      await this.clock.sleepUntil(this.clock.now() + delay, this.stopping.signal)
    }
  }

  // A receiver that fails again and again is reported once, until it works again.
  private reportFailure(text: string, isFinal: boolean): void {
    const { name, retries, log } = this.options
    if (!this.isFailing) log(`${name}: ${text}${isFinal ? '' : '; trying again'}`)
    this.isFailing = retries
  }

  private reportSuccess(): void {
    if (this.isFailing) this.options.log(`${this.options.name}: works again`)
    this.isFailing = false
  }

  // A bucket of tokens: a burst at once, then a steady rate.
  private async waitForToken(): Promise<void> {
    const { refillTime } = this.options
    const refill = Math.floor((this.clock.now() - this.refilledAt) / refillTime)
    this.tokens = Math.min(BURST, this.tokens + refill)
    this.refilledAt += refill * refillTime
    if (this.tokens === 0) {
      await this.clock.sleepUntil(this.refilledAt + refillTime, this.stopping.signal)
      this.refilledAt += refillTime
      this.tokens++
    }
    this.tokens--
  }
}
