// Player: where a recording stands, and whether it goes on. Key presses and passing time move it; what it shows goes to the store.
import type { MonitorState } from '../detectors/watch.ts'
import type { Growth } from '../sources/kmem/open.ts'
import type { Moment } from './moments.ts'
import type { Reel } from './reel.ts'
import { neighbourOf, type TimelineEvent } from './timeline.ts'

/** How fast a recording can be played. */
export const SPEEDS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

/** The player as the screen sees it. Times are session milliseconds. */
export interface PlayerState {
  readonly begin: number
  readonly end: number
  readonly at: number
  readonly playing: boolean
  readonly speed: number
  readonly events: readonly TimelineEvent[]
  /** share of the recording that has been folded */
  readonly progress: number
  /** what is shown was folded from the beginning, not only from nearby */
  readonly exact: boolean
  /** more is being written */
  readonly following: boolean
  /** a live session that was wound back */
  readonly rewound: boolean
  readonly problems: readonly string[]
}

/** What a key can do to a player. `by`: milliseconds, a share of the whole, looks, or events. */
export type PlayerCommand =
  | { readonly type: 'play' }
  | { readonly type: 'speed'; readonly by: 1 | -1 | 'normal' }
  | { readonly type: 'seek'; readonly by: number }
  | { readonly type: 'seek-share'; readonly by: number }
  | { readonly type: 'tenth'; readonly tenth: number }
  | { readonly type: 'step'; readonly by: 1 | -1 }
  | { readonly type: 'event'; readonly by: 1 | -1 }
  | { readonly type: 'go'; readonly time: number }

export interface PlayerOptions {
  readonly following?: boolean
  readonly rewound?: boolean
  readonly begin?: number
  /** session time at which it stops once; who plays on, plays on */
  readonly stopAt?: number
  readonly playing?: boolean
  readonly speed?: number
}

export class Player {
  private readonly reel: Reel
  private readonly show: (watch: MonitorState, player: PlayerState) => void
  private readonly options: PlayerOptions
  private moment: Moment
  private at: number
  private playing: boolean
  private speed: number
  private events: readonly TimelineEvent[] = []
  private eventsFrom = -1
  private onEvent: TimelineEvent | undefined

  constructor(reel: Reel, show: (watch: MonitorState, player: PlayerState) => void, options: PlayerOptions = {}) {
    this.reel = reel
    this.show = show
    this.options = options
    this.playing = options.playing ?? true
    this.speed = options.speed ?? 1
    this.at = options.begin ?? reel.begin
    this.moment = reel.at(this.firstAt(this.at))
    this.publish()
  }

  get state(): PlayerState {
    const { reel, at, playing, speed, options, moment } = this
    const { following = false, rewound = false } = options
    const span = { begin: reel.begin, end: reel.end }
    if (this.eventsFrom !== reel.progress) {
      this.events = reel.events()
      this.eventsFrom = reel.progress
    }
    const { events } = this
    return {
      ...span,
      at,
      playing,
      speed,
      events,
      progress: reel.progress,
      exact: moment.exact,
      following,
      rewound,
      problems: reel.problems,
    }
  }

  /** The event that was jumped to, until the player moves on. */
  get event(): TimelineEvent | undefined {
    return this.onEvent
  }

  command(command: PlayerCommand): void {
    const { begin, end } = this.reel
    if (command.type === 'play') this.play()
    else if (command.type === 'speed') this.setSpeed(command.by)
    else if (command.type === 'seek') this.goTo(this.at + command.by)
    else if (command.type === 'seek-share') this.goTo(this.at + command.by * (end - begin))
    else if (command.type === 'tenth') this.goTo(begin + (command.tenth / 10) * (end - begin))
    else if (command.type === 'go') this.goTo(command.time)
    else if (command.type === 'step') this.step(command.by)
    else this.goToEvent(command.by)
    this.publish()
  }

  /** Time goes on by `elapsed` milliseconds on the clock of who watches. Whether anything changed. */
  pass(elapsed: number): boolean {
    if (!this.playing) return false
    this.onEvent = undefined
    const { stopAt = Number.POSITIVE_INFINITY, following = false } = this.options
    const stop = Math.min(this.at < stopAt ? stopAt : Number.POSITIVE_INFINITY, this.reel.end)
    this.at = Math.min(stop, this.at + elapsed * this.speed)
    this.moment = this.reel.at(this.at, this.moment)
    if (this.at >= stop && (stop === stopAt || !following)) this.playing = false
    this.publish()
    return true
  }

  /** Looks whether more was written. A player that stood at the end stays there. */
  grown(): Growth {
    const wasAtEnd = this.at >= this.reel.end - 1
    const growth = this.reel.refresh()
    if (growth !== 'grown') return growth
    if (wasAtEnd && this.playing && this.options.following) this.at = this.reel.end
    this.moment = this.reel.at(this.at, this.moment)
    this.publish()
    return growth
  }

  /** What is shown is only known from nearby, and what is exact can be folded soon. */
  get isApproaching(): boolean {
    return !this.moment.exact && this.reel.covers(this.at)
  }

  /** Somebody stands still and waits for what is exact. While it plays, it comes as it comes. */
  get isWaited(): boolean {
    return this.isApproaching && !this.playing
  }

  /** Works in the background while `goOn`; whether there is more to do. What is shown comes before the rest. */
  work(goOn: () => boolean): boolean {
    if (this.isApproaching) {
      const exact = this.reel.approach(this.at, goOn)
      if (exact) this.moment = exact
      if (exact) this.publish()
      return true
    }
    const before = this.reel.progress
    const more = this.reel.work(goOn)
    if (this.reel.progress !== before) this.publish()
    return more || this.isApproaching
  }

  private publish(): void {
    this.show(this.moment.watch, this.state)
  }

  private play(): void {
    if (!this.playing && this.at >= this.reel.end && !this.options.following) this.goTo(this.reel.begin)
    this.playing = !this.playing
  }

  private setSpeed(by: 1 | -1 | 'normal'): void {
    const at = SPEEDS.findIndex(speed => speed >= this.speed)
    this.speed = by === 'normal' ? 1 : (SPEEDS[at + by] ?? this.speed)
  }

  private goTo(time: number): void {
    this.onEvent = undefined
    this.at = this.firstAt(Math.min(this.reel.end, Math.max(this.reel.begin, time)))
    this.moment = this.reel.at(this.at, this.moment)
  }

  // An alert is raised within a look: what shows it is the end of that look.
  private goToEvent(by: 1 | -1): void {
    // what one stands at without having gone to it, as who winds back from the look that told it, is the one before
    const here = this.at + (by < 0 ? 0.001 : 0)
    const event = neighbourOf(this.state.events, this.onEvent?.time ?? here, by)
    this.goTo(event?.time ?? (by > 0 ? this.reel.end : this.reel.begin))
    if (!event) return
    this.playing = false
    if (this.moment.watch.history.time < event.time)
      this.moment = this.reel.forward(this.moment, Number.POSITIVE_INFINITY, 1)
    this.at = Math.max(event.time, this.moment.watch.history.time)
    this.onEvent = event
  }

  // By looks: forward the next one, back to the one before what is shown.
  private step(by: 1 | -1): void {
    this.playing = false
    this.onEvent = undefined
    if (by > 0) this.moment = this.reel.forward(this.moment, Number.POSITIVE_INFINITY, 1)
    else this.moment = this.reel.at(this.moment.watch.history.time - 0.001)
    this.at = this.firstAt(this.moment.watch.history.time)
  }

  // Before the first look there is nothing to show: the first look then.
  private firstAt(time: number): number {
    return Math.max(time, this.reel.firstLook)
  }
}
