// Fixtures: texts of real kernels under test/fixtures/<kernel>, at the paths they have on a node; and a session to read them in.
import { readFileSync } from 'node:fs'
import type { RecordingHeader } from '../src/collectors/collector.ts'
import { appendReading, createHistory, type History, type Reading } from '../src/history.ts'

/** The folder that is `/` of a node. */
export const getFixtureRoot = (kernel: string): string => new URL(`fixtures/${kernel}`, import.meta.url).pathname

/** A kernel text as the collectors get it. */
export const readFixture = (kernel: string, path: string): string =>
  readFileSync(`${getFixtureRoot(kernel)}${path}`, 'latin1')

export const session: RecordingHeader = {
  host: 'node-7',
  kernel: '6.18.44',
  bootId: 'b',
  wallClock: Date.UTC(2026, 0, 2, 3, 4, 5),
  monotonic: 3_600_000,
  interval: 1000,
  pageSize: 4096,
}

/** The history of these readings. */
export const buildHistory = (readings: readonly Reading[], of: Partial<RecordingHeader> = {}): History =>
  readings.reduce(appendReading, createHistory({ ...session, ...of }))
