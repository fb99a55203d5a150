// A recording of a simulated node, made by the program's own samplers and recorder: `node bench/day.ts --hours 24 --cgroups 200 OUT.kmem`.
import { parseArgs } from 'node:util'
import type { RecordingHeader } from '../src/collectors/collector.ts'
import { sampledIds } from '../src/collectors/index.ts'
import { defaultThresholds } from '../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../src/detectors/monitor-state.ts'
import { Recorder } from '../src/recording/recorder.ts'
import { SummaryBuilder } from '../src/recording/summary-builder.ts'
import { sampleLive } from '../src/sampling/sample-live.ts'
import { createSimulatedNode } from './simulated-node.ts'

/** What came of it. CPU is that of encoding and writing alone. */
export interface DayResult {
  readonly bytes: number
  readonly encodeSeconds: number
  readonly foldSeconds: number
  readonly samples: number
}

const session: RecordingHeader = {
  host: 'simulated',
  kernel: '6.12.0-simulated',
  bootId: 'simulated',
  wallClock: Date.UTC(2026, 0, 5),
  monotonic: 0,
  interval: 1000,
  pageSize: 4096,
}

/** Records so many seconds of a node with so many cgroups into a file. */
export async function recordDay(path: string, seconds: number, cgroups: number, fold = true): Promise<DayResult> {
  const node = createSimulatedNode(cgroups)
  const recorder = new Recorder(session, 0)
  await recorder.start(path, {})
  let time = 0
  const clock = {
    now: () => time,
    sleepUntil: async (until: number) => {
      time = Math.max(time, until)
      node.goTo(time)
    },
  }
  const collectors = sampledIds.filter(id => id !== 'kmsg')
  let watch = createMonitorState(session)
  const notes = new SummaryBuilder(watch.alerts)
  let [encode, folding, samples] = [0, 0, 0]
  for await (const readings of sampleLive(node, clock, { collectors, interval: 1000 }, () => time >= seconds * 1000)) {
    const start = performance.now()
    await recorder.recordSample(readings)
    const encoded = performance.now()
    encode += encoded - start
    samples++
    if (!fold) continue
    watch = readings.reduce((seen, reading) => applyReading(seen, reading, defaultThresholds), watch)
    folding += performance.now() - encoded
    recorder.addToSummary(notes.collectChanges(watch))
  }
  await recorder.stop()
  return { bytes: recorder.getStatus().written!, encodeSeconds: encode / 1000, foldSeconds: folding / 1000, samples }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      hours: { type: 'string', default: '1' },
      cgroups: { type: 'string', default: '200' },
      fold: { type: 'string', default: 'yes' },
    },
  })
  const [out] = positionals
  if (!out) throw new Error('usage: node bench/day.ts [--hours 1] [--cgroups 200] OUT.kmem')
  console.log(await recordDay(out, Number(values.hours) * 3600, Number(values.cgroups), values.fold === 'yes'))
}
