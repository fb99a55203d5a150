// What a player shows, what a key can do to it, and how it is started.
import type { TimelineEvent } from './timeline-events.ts'

/** How fast a recording can be played. */
export const SPEEDS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

/** The player as the screen sees it. Times are session milliseconds. */
export interface PlayerStatus {
  readonly begin: number
  readonly end: number
  readonly at: number
  readonly playing: boolean
  readonly speed: number
  readonly events: readonly TimelineEvent[]
  /** share of the recording that has been folded */
  readonly progress: number
  /** what is shown was replayed from the beginning, not only from nearby */
  readonly exact: boolean
  /** the alerts of what is shown are known */
  readonly alertsKnown: boolean
  /** more is being written */
  readonly following: boolean
  /** a live session that was wound back */
  readonly rewound: boolean
  readonly problems: readonly string[]
}

/** What a key can do to a player. `by`: milliseconds, a share of the whole, samples, or events. */
export type PlayerCommand =
  | { readonly type: 'play' }
  | { readonly type: 'speed'; readonly by: 1 | -1 | 'normal' }
  | { readonly type: 'seek'; readonly by: number }
  | { readonly type: 'seek-share'; readonly by: number }
  | { readonly type: 'tenth'; readonly tenth: number }
  | { readonly type: 'step'; readonly by: 1 | -1 }
  | { readonly type: 'event'; readonly by: 1 | -1 }
  | { readonly type: 'go'; readonly time: number }

/** How a player starts. Times are session milliseconds. */
export interface PlayerOptions {
  readonly following?: boolean
  readonly rewound?: boolean
  readonly begin?: number
  /** session time at which it stops once; who plays on, plays on */
  readonly stopAt?: number
  readonly playing?: boolean
  readonly speed?: number
  /** called with words when an awaited event is reached, or how far reading has come */
  readonly onMessage?: (text: string) => void
}
