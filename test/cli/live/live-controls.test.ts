// Rewinding a live session while the sampling thread is busy: the first key answers at once.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { createStore } from '../../../src/app/store.ts'
import { createLiveControls } from '../../../src/cli/live/live-controls.ts'
import { createHistory, type Reading } from '../../../src/history.ts'
import type { LiveSource } from '../../../src/sampling/live-source.ts'
import { session } from '../../fixtures.ts'
import { encodeRecording, generateSamples } from '../../recording/recordings.ts'

const samples = generateSamples(40)

/** A sampling thread that sends its recording when the test says so. */
function createBusySource(flight: Promise<Buffer>): LiveSource {
  return {
    session,
    batches: (async function* (): AsyncGenerator<readonly Reading[]> {})(),
    stop: () => {},
    sendCommand: () => {},
    getFlightRecording: () => flight,
    subscribeStatus: () => {},
    subscribeLink: () => {},
    ended: Promise.resolve(),
    getActiveRead: () => undefined,
  }
}

test('the first key says that it is reading; what was pressed happens once the recording is there', async () => {
  const flight = Promise.withResolvers<Buffer>()
  const store = createStore(createInitialState(createHistory(session)))
  for (const readings of samples) store.dispatch({ type: 'readings', readings })
  const controls = createLiveControls(createBusySource(flight.promise), store, { target: '.', retention: {} })
  try {
    controls.runCommand({ type: 'seek', by: -10_000 })
    expect(store.get().ui.notice).toBe('reading the last minutes')
    expect(store.get().ui.frozen?.time).toBe(store.get().history.time)
    flight.resolve(await encodeRecording(samples))
    await expect.poll(() => store.get().player?.at).toBeLessThan(30_000)
    expect(store.get().ui.notice).toBeUndefined()
  } finally {
    controls.end()
  }
})
