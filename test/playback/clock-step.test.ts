// A recording of a real kernel whose clock was set from 12:00:14 to 18:00:00: every time that is printed is what journalctl shows of it.
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { parseTime } from '../../src/base/parse-time.ts'
import { getSpan } from '../../src/cli/recordings/recordings.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { formatReportMarkdown } from '../../src/export/report/markdown.ts'
import { buildReportData } from '../../src/export/report/report-data.ts'
import { toIso } from '../../src/export/session-time.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { replaySamples } from '../../src/playback/replay-samples.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { drawTimeAxis } from '../../src/widgets/chart/chart-axis.ts'
import type { Plot } from '../../src/widgets/chart/chart-options.ts'
import { createPen } from '../../src/widgets/pen.ts'

const file = openRecording(fileURLToPath(new URL('../fixtures/clock-step/forward.kmem', import.meta.url)))
afterAll(() => file.close())
const seeker = new RecordingSeeker(file, defaultThresholds)
const log = new AlertLog()
const { history } = [...replaySamples(seeker.replayer, {}, log)].at(-1)!.monitor
const formatLocal = (iso: string): string => new Date(iso).toTimeString().slice(0, 8)

test('the steps are known before the recording was played', () => {
  expect(seeker.replayer.readClock().clockSteps).toEqual(history.clock.steps)
  expect(history.clock.steps).toHaveLength(1)
})

test('a time that is typed finds the sample of that clock, before the step and after it', () => {
  const span = getSpan(seeker)
  for (const iso of ['2026-03-04T12:00:08Z', '2026-03-04T18:00:05Z'])
    expect(toIso(history.session, parseTime(formatLocal(iso), span))).toBe(iso.replace('Z', '.000Z'))
})

test('a report has the kill at the new clock, and its beginning at the old one', () => {
  const [begin, end] = [seeker.begin, history.time]
  const input = { title: 'x', history, alerts: log.listAlerts(), events: [], begin, end, samples: 22, damage: [] }
  const text = formatReportMarkdown(buildReportData(input))
  const [first, last, kill] = ['12:00:05', '18:00:12', '18:00:04'].map(at => formatLocal(`2026-03-04T${at}Z`))
  expect(text).toContain(`${first} to `)
  expect(text).toContain(last)
  expect(text).toContain(`raised 2026-03-04 ${kill}`)
})

test('a time axis has ticks of the old clock, then of the new one', () => {
  const { session } = history
  const plot = {
    ...{ begin: seeker.begin, end: history.time, wallClock: session.wallClock, clockSteps: session.clockSteps },
    ...{ plotWidth: 100, labelWidth: 0, format: { binary: true, format: String }, series: [] },
  } as unknown as Plot
  const [, times] = drawTimeAxis(plot, createPen({ level: 0, ascii: false }), 100)
  const hours = [...times!.matchAll(/(\d\d):\d\d:\d\d/g)].map(([, hour]) => hour)
  const [before, after] = ['12', '18'].map(hour => formatLocal(`2026-03-04T${hour}:00:00Z`).slice(0, 2))
  expect([...new Set(hours)]).toEqual([before, after])
})
