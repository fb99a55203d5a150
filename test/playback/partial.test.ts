// Recordings with only a part of a node's files and lines: everything works with what is there.
import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createInitialState, updateState } from '../../src/app/state.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { toStateJson } from '../../src/export/state-json.ts'
import type { Reading } from '../../src/history.ts'
import { panelIds } from '../../src/panels/index.ts'
import { readSamples } from '../../src/playback/recorded-samples.ts'
import { Replayer } from '../../src/playback/replayer.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { session } from '../fixtures.ts'
import { createRandom } from '../seeded-random.ts'

const PEN = createPen({ theme: 'dark', level: 0, ascii: false })
const SNAPSHOTS = new URL('../../snapshots/', import.meta.url).pathname
const scenarios = readdirSync(SNAPSHOTS, { withFileTypes: true }).flatMap(one =>
  one.isDirectory() && !/id-exhaustion|incident/.test(one.name) ? one.name : [],
)

/** The readings without some of their lines; which ones stays the same for a name. */
function thinned(readings: readonly Reading[], seed: number): readonly Reading[] {
  const kept = new Map<string, boolean>()
  const random = createRandom(seed)
  const isKept = (key: string): boolean => {
    if (!kept.has(key)) kept.set(key, random() < 0.4)
    return kept.get(key)!
  }
  const nameOf = (line: string): string => /^[\w()-]+/.exec(line)?.[0] ?? line
  return readings.map(reading => ({
    ...reading,
    files: Object.fromEntries(
      Object.entries(reading.files)
        .filter(
          ([path]) => /mountinfo|controllers|\/$/.test(path) || isKept(path.replace(/.*\//, '')) || random() < 0.5,
        )
        .map(([path, text]) => [
          path,
          text === null || /mountinfo|controllers|\/$/.test(path)
            ? text
            : text
                .split('\n')
                .filter(
                  line => line === '' || /^(MemTotal|MemAvailable)/.test(line) || isKept(`${path} ${nameOf(line)}`),
                )
                .join('\n'),
        ]),
    ),
  }))
}

describe.each(scenarios)('%s', scenario => {
  test.each([1, 2, 3])('with lines left out, %i', seed => {
    const folder = new Replayer(openRecording(`${SNAPSHOTS}${scenario}/session.kmem`).recording, defaultThresholds)
    const all = [...readSamples(folder)].flatMap(({ preamble: lead, readings }) => [...lead, ...readings])
    const watch = thinned(all, seed).reduce(
      (seen, reading) => applyReading(seen, reading, defaultThresholds),
      createMonitorState(folder.recording.session),
    )
    expect(watch.history.time).toBeGreaterThan(0)
    expect(() => JSON.stringify(toStateJson(watch.history, watch.alerts))).not.toThrow()
    for (const panel of ['overview', ...panelIds] as const) {
      const state = updateState({ ...createInitialState(watch.history), ...watch }, { type: 'view', panel })
      expect(renderFrameText(state, PEN, 100, 30)).toHaveLength(30)
    }
  })
})

test('with little memory, and no other information', () => {
  const little = 'MemTotal: 8000000 kB\nMemAvailable: 8000 kB\n'
  const reading: Reading = { time: 1000, collector: 'meminfo', files: { '/proc/meminfo': little } }
  const { alerts } = applyReading(createMonitorState(session), reading, defaultThresholds)
  expect(alerts.map(({ title, summary }) => [title, summary])).toEqual([
    ['MEMORY LOW', '7.81 MiB of memory available (0.1 % of RAM)'],
  ])
})
