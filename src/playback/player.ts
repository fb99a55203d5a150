// Player: the position in a recording, and whether it plays. Key presses and passing time move it; what it shows goes to the store.
import type { SessionClock } from '../base/wall-time.ts'
import type { MonitorState } from '../detectors/monitor-state.ts'
import type { FileChange } from '../recording/open-recording.ts'
import { type PlayerCommand, type PlayerOptions, type PlayerStatus, SPEEDS } from './player-types.ts'
import type { RecordingSeeker } from './recording-seeker.ts'
import type { PlaybackState } from './replayer.ts'
import { findNeighbour, type TimelineEvent } from './timeline-events.ts'

export { type PlayerCommand, type PlayerOptions, type PlayerStatus, SPEEDS }

const describeNoEvent = (by: 1 | -1): string => (by > 0 ? 'no later event' : 'no earlier event')

/** Holds the position in a recording (session ms), and moves it by commands and by passing time. */
export class Player {
  private readonly seeker: RecordingSeeker
  private readonly show: (monitor: MonitorState, player: PlayerStatus) => void
  private readonly options: PlayerOptions
  private playback: PlaybackState
  private at: number
  private playing: boolean
  private speed: number
  private events: readonly TimelineEvent[] = []
  private eventsProgress = -1
  private currentEvent: TimelineEvent | undefined
  /** a jump to an event that is not known yet */
  private awaitedEvent: 1 | -1 | undefined
  /** what the last jump to an event came to, in words */
  eventMessage = ''

  constructor(
    seeker: RecordingSeeker,
    show: (monitor: MonitorState, player: PlayerStatus) => void,
    options: PlayerOptions = {},
  ) {
    this.seeker = seeker
    this.show = show
    this.options = options
    this.playing = options.playing ?? true
    this.speed = options.speed ?? 1
    this.at = this.clampToFirst(options.begin ?? seeker.begin)
    this.playback = seeker.seek(this.at)
    this.publish()
  }

  get status(): PlayerStatus {
    const { seeker, at, playing, speed, options, playback } = this
    const { following = false, rewound = false } = options
    const span = { begin: seeker.begin, end: seeker.end }
    if (this.eventsProgress !== seeker.progress) {
      this.events = seeker.listEvents()
      this.eventsProgress = seeker.progress
    }
    const { events } = this
    return {
      ...span,
      at,
      playing,
      speed,
      events,
      progress: seeker.progress,
      exact: playback.exact,
      alertsKnown: seeker.areAlertsKnown(playback),
      following,
      rewound,
      problems: seeker.problems,
    }
  }

  /** The wall clock of the recording. */
  readonly readClock = (): SessionClock => this.seeker.replayer.readClock()

  /** The event that was jumped to, until the player moves on. */
  get event(): TimelineEvent | undefined {
    return this.currentEvent
  }

  execute(command: PlayerCommand): void {
    this.awaitedEvent = undefined
    const { begin, end } = this.seeker
    if (command.type === 'play') this.togglePlay()
    else if (command.type === 'speed') this.setSpeed(command.by)
    else if (command.type === 'seek') this.seekBy(command.by)
    else if (command.type === 'seek-share') this.seekTo(this.at + command.by * (end - begin))
    else if (command.type === 'tenth') this.seekTo(begin + (command.tenth / 10) * (end - begin))
    else if (command.type === 'go') this.seekTo(command.time)
    else if (command.type === 'step') this.stepSample(command.by)
    else this.seekToEvent(command.by)
    this.publish()
  }

  /** Time goes on by `elapsed` milliseconds on the clock of who watches. Whether anything changed. */
  advance(elapsed: number): boolean {
    if (!this.playing) return false
    this.currentEvent = undefined
    const { stopAt = Number.POSITIVE_INFINITY, following = false } = this.options
    const stop = Math.min(this.at < stopAt ? stopAt : Number.POSITIVE_INFINITY, this.seeker.end)
    this.at = Math.min(stop, this.at + elapsed * this.speed)
    this.playback = this.seeker.seek(this.at, this.playback)
    if (this.at >= stop && (stop === stopAt || !following)) this.playing = false
    this.publish()
    return true
  }

  /** Checks whether more was written. A player at the end stays at the end. */
  refresh(): FileChange {
    const wasAtEnd = this.at >= this.seeker.end - 1
    const change = this.seeker.refresh()
    if (change !== 'grown') return change
    if (wasAtEnd && this.playing && this.options.following) this.at = this.seeker.end
    this.playback = this.seeker.seek(this.at, this.playback)
    this.publish()
    return change
  }

  /** Whether the shown state is inexact and the exact one can be replayed soon. */
  get isApproaching(): boolean {
    return !this.playback.exact && this.seeker.isExactUntil(this.at)
  }

  /** Whether the user waits at one time for the exact state. During playback it is shown as soon as it is there. */
  get isWaitedFor(): boolean {
    return this.isApproaching && !this.playing
  }

  /** Replays in the background, the shown time first, while `shouldContinue` returns true. Returns whether there is more to do. */
  workInBackground(shouldContinue: () => boolean): boolean {
    if (this.isApproaching) {
      const exact = this.seeker.seekTowards(this.at, shouldContinue)
      if (exact) this.playback = exact
      if (exact) this.publish()
      return true
    }
    const before = this.seeker.progress
    const hasMore = this.seeker.replayInBackground(shouldContinue)
    if (this.seeker.progress !== before) this.retryAwaited()
    if (this.seeker.progress !== before) this.publish()
    return hasMore || this.isApproaching
  }

  private publish(): void {
    this.show(this.playback.monitor, this.status)
  }

  private togglePlay(): void {
    if (!this.playing && this.at >= this.seeker.end && !this.options.following) this.seekTo(this.seeker.begin)
    this.playing = !this.playing
  }

  private setSpeed(by: 1 | -1 | 'normal'): void {
    const index = SPEEDS.findIndex(speed => speed >= this.speed)
    this.speed = by === 'normal' ? 1 : (SPEEDS[index + by] ?? this.speed)
  }

  private seekTo(time: number): void {
    this.currentEvent = undefined
    this.at = this.clampToFirst(Math.min(this.seeker.end, Math.max(this.seeker.begin, time)))
    this.playback = this.seeker.seek(this.at, this.playback)
  }

  // A jump moves to another sample where there is one: an interval may be longer than the jump.
  private seekBy(by: number): void {
    const before = this.playback.monitor.history.time
    this.seekTo(this.at + by)
    const isStuck = this.playback.monitor.history.time === before
    const hasMore = by > 0 ? before < this.seeker.end : before > this.seeker.firstSampleTime
    if (!isStuck || !hasMore) return
    const { playing } = this
    this.stepSample(by > 0 ? 1 : -1)
    this.playing = playing
  }

  // Stays where there is no such event, or none is known yet: then it is awaited.
  private seekToEvent(by: 1 | -1): void {
    // without a jump to it, the event of the shown sample counts as the previous one
    const position = this.currentEvent?.time ?? this.at + (by < 0 ? 0.001 : 0)
    const target = findNeighbour(this.status.events, position, by)
    const isKnown = (by > 0 ? (target?.time ?? Number.POSITIVE_INFINITY) : position) <= this.seeker.eventsKnownUntil
    if (!isKnown) this.awaitedEvent = by
    else if (target) this.showEvent(target)
    this.eventMessage = isKnown ? (target?.text ?? describeNoEvent(by)) : this.describeAwaited(by)
  }

  private describeAwaited(by: 1 | -1): string {
    return `reading ${Math.floor(this.seeker.progress * 100)} %: the ${by > 0 ? 'next' : 'previous'} event is not known yet`
  }

  // An alert is raised within a sample, so the end of that sample shows it.
  private showEvent(target: TimelineEvent): void {
    this.seekTo(target.time)
    this.playing = false
    if (this.playback.monitor.history.time < target.time)
      this.playback = this.seeker.replayUntil(this.playback, Number.POSITIVE_INFINITY, 1)
    this.at = Math.max(target.time, this.playback.monitor.history.time)
    this.currentEvent = target
  }

  // The recording was read further: the awaited event may be known now.
  private retryAwaited(): void {
    const by = this.awaitedEvent
    if (by === undefined) return
    this.awaitedEvent = undefined
    this.seekToEvent(by)
    this.options.onMessage?.(this.eventMessage)
  }

  // By samples: forward to the next one, back to the one before what is shown.
  private stepSample(by: 1 | -1): void {
    this.playing = false
    this.currentEvent = undefined
    if (by > 0) this.playback = this.seeker.replayUntil(this.playback, Number.POSITIVE_INFINITY, 1)
    else this.playback = this.seeker.seek(this.playback.monitor.history.time - 0.001)
    this.at = this.clampToFirst(this.playback.monitor.history.time)
  }

  // Before the first sample there is nothing to show, so the first sample is shown.
  private clampToFirst(time: number): number {
    return Math.max(time, this.seeker.firstSampleTime)
  }
}
