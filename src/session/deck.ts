// Deck: what keys ask of the recorder and the player. The screen presses; who runs the session does it.
import type { PlayerCommand } from './player.ts'

export interface Deck {
  /** moves the player; a live session is wound back by it */
  move(command: PlayerCommand): void
  /** what is shown stands still from now on: it may be wound back */
  paused(): void
  /** back to what is now */
  live(): void
  /** starts or ends a recording */
  record(): void
  mark(text: string): void
  /** to a time as a person writes it */
  go(text: string): void
}

/** Of a session that has neither. */
export const noDeck: Deck = {
  move: () => {},
  paused: () => {},
  live: () => {},
  record: () => {},
  mark: () => {},
  go: () => {},
}
