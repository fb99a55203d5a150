// A day in fast time: readings of 500 cgroups that come and go are folded and drawn. The heap is flat after the first tenth.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import { createInitialState } from '../src/app/state.ts'
import { createStore } from '../src/app/store.ts'
import { resolveThresholds } from '../src/cli/config.ts'
import { sampledIds } from '../src/collectors/index.ts'
import { createHistory } from '../src/history.ts'
import { Recorder } from '../src/recording/recorder.ts'
import { sampleLive } from '../src/sampling/sample-live.ts'
import { drawRegions } from '../src/ui/screen.tsx'
import { createPen } from '../src/widgets/pen.ts'
import { drawSparkline } from '../src/widgets/sparkline.ts'
import { session } from './fixtures.ts'
import { skipUnlessFull } from './full.ts'
import { createQuietNode } from './helpers/quiet-node.ts'
import { testUnless } from './helpers/test-unless.ts'
import { createInstantClock } from './sampling/fake-host.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Milliseconds between samples: fewer than in life, so that the test takes seconds. What is bounded by time is bounded all the same. */
const INTERVAL = 30_000
const CGROUPS = 500
const FRAMES_PER_HOUR = 12
/** Flight memory that is full long before the first tenth of the day. */
const FLIGHT = 900_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Returns the bytes of the heap at the end of each hour, and the cgroups that were drawn last. */
async function runDay() {
  const node = createQuietNode({ version: 2, containers: CGROUPS })
  const clock = createInstantClock()
  const recorder = new Recorder(session, FLIGHT)
  const store = createStore(createInitialState(createHistory(session), resolveThresholds({})))
  const pen = createPen({ level: 3, ascii: false })
  const heap: number[] = []
  let frames = 0
  const plan = { interval: INTERVAL, collectors: sampledIds }
  for await (const readings of sampleLive(node.host, clock, plan, () => clock.now() >= DAY)) {
    await recorder.recordSample(readings)
    store.dispatch({ type: 'readings', readings })
    const { time } = store.get().history
    if (time >= (frames * HOUR) / FRAMES_PER_HOUR) {
      drawRegions(store.get(), pen, 120, 40)
      if (++frames % FRAMES_PER_HOUR === 0) {
        collectGarbage()
        heap.push(process.memoryUsage().heapUsed)
      }
    }
    node.advance()
    node.moveContainer()
    node.replaceContainer()
  }
  const { history } = store.get()
  return { heap, cgroups: history.cgroups.cgroups.size, flight: recorder.getStatus().flight?.bytes ?? 0 }
}

testUnless(skipUnlessFull())(
  `a day of ${CGROUPS} cgroups, one of them new in each sample, leaves the heap flat after its first tenth`,
  async () => {
    const { heap, cgroups, flight } = await runDay()
    const graph = drawSparkline(heap, createPen({ level: 0, ascii: false }).glyphs)
    const toMegabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
    console.log(`heap of each hour ${graph} ${heap.map(toMegabytes).join(' ')} MB`)
    const tenth = Math.max(...heap.slice(0, 3))
    expect(Math.max(...heap.slice(3)) / tenth).toBeLessThan(1.1)
    expect(cgroups).toBeLessThanOrEqual(CGROUPS + CGROUPS / 20 + 1)
    expect(flight).toBeLessThan(4 << 20)
  },
)
