// Playback: which speed is proposed for a long recording, and what a typed time means.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { createStore } from '../../../src/app/store.ts'
import { DAY, HOUR, MINUTE } from '../../../src/base/units.ts'
import { seekTo } from '../../../src/cli/live/seek-to.ts'
import { parseSpeed, proposeSpeed } from '../../../src/cli/recordings/playback-speed.ts'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { createHistory } from '../../../src/history.ts'
import { Player } from '../../../src/playback/player.ts'
import { RecordingSeeker } from '../../../src/playback/recording-seeker.ts'
import { openBuffer } from '../../../src/recording/open-recording.ts'
import { encodeRecording, generateSamples } from '../../recording/recordings.ts'

test.each([
  [9 * MINUTE, undefined],
  [11 * MINUTE, '11 min to play: ] next event, > faster; 4× (--speed 4) takes 2 min 45 s'],
  [36 * HOUR, '36 h to play: ] next event, > faster; 512× (--speed 512) takes 4 min 13 s'],
  [30 * DAY, '30 d to play: ] next event, > faster; 1024× (--speed 1024) takes 42 min'],
])('a recording of %i ms', (duration, proposal) => {
  expect(proposeSpeed(duration)).toBe(proposal)
  if (proposal) expect(() => parseSpeed(/--speed (\d+)/.exec(proposal)![1])).not.toThrow()
})

test.each([
  ['-10s', 40],
  ['+5s', 55],
  ['50%', 30],
])('%s typed at 50 s of a minute leads to %i s', async (text, seconds) => {
  const bytes = await encodeRecording(generateSamples(61))
  const seeker = new RecordingSeeker(openBuffer('x', bytes), defaultThresholds)
  const player = new Player(seeker, () => {}, { playing: false, begin: 50_000 })
  seekTo(player, text, createStore(createInitialState(createHistory(seeker.session))))
  expect(Math.round(player.status.at / 1000)).toBe(seconds)
})
