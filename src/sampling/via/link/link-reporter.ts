// Keeps what there is to say about a link, and posts it: at once if its state changes, else once a second.
import { formatPlural } from '../../../base/format.ts'
import type { LinkStatus } from './link-status.ts'

const STATUS_INTERVAL = 1000 // ms
const DELAYS_KEPT = 20

/** The state of a link for the header and the help: problems, delays, attempts. */
export class LinkReporter {
  problem = ''
  missing: readonly string[] = []
  /** cgroups that cannot be asked for, because of their names */
  unlisted = 0
  reconnects = 0
  /** session time of the next attempt to connect */
  retryAt: number | undefined
  rebootedAt: number | undefined
  private delays: number[] = []
  private postedAt = Number.NEGATIVE_INFINITY
  private postedState: LinkStatus['state'] | undefined
  private postedUnlisted = 0
  private readonly command: string
  private readonly now: () => number
  private readonly post: (status: LinkStatus) => void

  constructor(command: string, now: () => number, post: (status: LinkStatus) => void) {
    this.command = command
    this.now = now
    this.post = post
  }

  /** Milliseconds that an answer takes however little is asked. */
  get delay(): number {
    return Math.min(...this.delays, Number.MAX_VALUE)
  }

  addDelay(ms: number): void {
    this.delays = [...this.delays, ms].slice(-DELAYS_KEPT)
  }

  forgetDelays(): void {
    this.delays = []
  }

  /** @param lasted milliseconds that the link has been in this state */
  report(state: LinkStatus['state'], lasted: number): void {
    const now = this.now()
    const isNews = state !== this.postedState || this.unlisted !== this.postedUnlisted
    if (!isNews && now - this.postedAt < STATUS_INTERVAL) return
    this.postedUnlisted = this.unlisted
    this.postedAt = now
    this.postedState = state
    const { command, reconnects, rebootedAt, retryAt } = this
    this.post({
      command,
      state,
      delay: this.delays.length === 0 ? undefined : this.delay,
      since: now - lasted,
      lasted,
      missing: this.listMissing(),
      reconnects,
      ...(rebootedAt === undefined ? {} : { rebootedAt }),
      ...(state === 'down' ? { problem: this.problem } : {}),
      ...(state === 'down' && retryAt !== undefined ? { retryIn: Math.max(0, retryAt - now) } : {}),
    })
  }

  private listMissing(): readonly string[] {
    if (this.unlisted === 0) return this.missing
    const left = `${formatPlural(this.unlisted, 'cgroup')} left out, with all below: the shell there cannot read such a name, as with a line break`
    return [...this.missing, left]
  }
}
