// Reports that no samples arrive. A source may hang in the kernel, and the screen must not look alive.
import type { Store } from '../../app/store.ts'
import { formatDuration, formatTimeOfDay } from '../../base/format.ts'
import { escapeControls } from '../../base/text.ts'
import type { ActiveRead } from '../../sampling/active-read.ts'
import { createSystemClock, repeatEvery } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { logToStderr } from '../stderr.ts'

type WatchedSource = Pick<LiveSource, 'session' | 'getActiveRead'>

const MAX_GAP = 120_000 // ms

/** Seconds after which a read that has not returned is named. */
const SLOW_READ_SECONDS = 3

/**
 * Calls back with words when no sample came for a few intervals, or a read does not return, and with undefined when they
 * come again. Returns a function that ends it.
 */
export function watchForStalls(
  source: WatchedSource,
  store: Store,
  onChange: (text: string | undefined) => void,
): () => void {
  const stallTimeout = 3 * source.session.interval + 2000
  const clock = createSystemClock()
  let lastSampleTime = store.get().history.time
  let lastSampleAt = 0
  let lastGap = 0 // of a slow node, which gives its samples late
  let lastText: string | undefined
  const unsubscribe = store.subscribe(() => {
    const { time } = store.get().history
    if (time !== lastSampleTime) {
      lastGap = clock.now() - lastSampleAt
      lastSampleAt = clock.now()
    }
    lastSampleTime = time
  })
  const stop = repeatEvery(1000, () => {
    const read = source.getActiveRead()
    const isHung = read !== undefined && read.seconds >= SLOW_READ_SECONDS
    const idle = clock.now() - lastSampleAt
    const text = isHung
      ? describeHungRead(read, clock.wallClock + clock.now())
      : describeStall(idle, Math.max(stallTimeout, Math.min(2 * lastGap, MAX_GAP)))
    if (text !== lastText) onChange(text)
    lastText = text
  })
  return () => {
    stop()
    unsubscribe()
  }
}

const describeHungRead = ({ path, seconds }: ActiveRead, wallClock: number): string =>
  `${escapeControls(path)} has not answered since ${formatTimeOfDay(wallClock - seconds * 1000)}: sampling has stalled`

const describeStall = (idle: number, timeout: number): string | undefined =>
  idle > timeout ? `no data for ${formatDuration(idle)}: sampling has stalled, the values are old` : undefined

/** Logs a line when sampling stalls or its reason changes, and one when it goes on. Returns a function that ends it. */
export function logStalls(
  source: WatchedSource,
  store: Store,
  onChange: (text: string | undefined) => void = () => {},
): () => void {
  let lastReason: string | undefined
  return watchForStalls(source, store, text => {
    onChange(text)
    const reason = text?.replace(/\d[\d a-z]*/g, '') // it counts seconds
    if (reason !== lastReason) logToStderr(text ?? 'sampling goes on')
    lastReason = reason
  })
}

/** Milliseconds that the first sample may take before a command that prints one gives up. A slow node answers, but late. */
const MAX_FIRST_SAMPLE_TIME = { here: 30_000, far: 300_000 }

/** Stops a source that gives no first sample, and logs what hangs. */
export function limitFirstSample(source: WatchedSource & Pick<LiveSource, 'stop'>, store: Store): void {
  const clock = createSystemClock()
  const end = repeatEvery(500, () => {
    const limit = store.get().link ? MAX_FIRST_SAMPLE_TIME.far : MAX_FIRST_SAMPLE_TIME.here
    const hasSample = Object.keys(store.get().history.sources).length > 0
    if (!hasSample && clock.now() < limit) return
    end()
    if (hasSample) return
    const read = source.getActiveRead()
    logToStderr(
      read ? describeHungRead(read, clock.wallClock + clock.now()) : `no sample within ${formatDuration(limit)}`,
    )
    source.stop()
  })
}
