// Playback controls: what keys ask of the recorder and the player. The command that runs the screen implements them.
import type { PlayerCommand } from '../playback/player.ts'

/** What keys ask of the recorder and the player. */
export interface PlaybackControls {
  /** moves the player; in a live session this rewinds */
  runCommand(command: PlayerCommand): void
  /** the screen was paused: a rewind may follow */
  handlePause(): void
  /** returns to the newest sample */
  returnToLive(): void
  /** starts or stops a recording */
  toggleRecording(): void
  addMark(text: string): void
  /** writes what is in memory into a new file */
  save(file: string): void
  /** seeks to a time as a user types it: 14:05, -10m, 50% */
  seekTo(text: string): void
}

/** Controls that do nothing: for output without recorder and player. */
export const noControls: PlaybackControls = {
  runCommand: () => {},
  handlePause: () => {},
  returnToLive: () => {},
  toggleRecording: () => {},
  addMark: () => {},
  save: () => {},
  seekTo: () => {},
}
