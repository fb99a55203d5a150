// Deck: what keys ask of the recorder and the player. The screen presses; who runs the session does it.
import type { PlayerCommand } from '../playback/player.ts'

export interface PlaybackControls {
  /** moves the player; a live session is wound back by it */
  runCommand(command: PlayerCommand): void
  /** what is shown stands still from now on: it may be wound back */
  handlePause(): void
  /** back to what is now */
  returnToLive(): void
  /** starts or ends a recording */
  toggleRecording(): void
  addMark(text: string): void
  /** to a time as a person writes it */
  seekTo(text: string): void
}

/** Of a session that has neither. */
export const noControls: PlaybackControls = {
  runCommand: () => {},
  handlePause: () => {},
  returnToLive: () => {},
  toggleRecording: () => {},
  addMark: () => {},
  seekTo: () => {},
}
