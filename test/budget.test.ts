// What a second of a quiet node with 200 cgroups costs, in figures that do not depend on the machine. None may rise by a tenth.
import { getHeapStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { createInitialState } from '../src/app/state.ts'
import { createStore } from '../src/app/store.ts'
import { resolveThresholds } from '../src/cli/config.ts'
import { sampledIds } from '../src/collectors/index.ts'
import { createHistory, type Reading } from '../src/history.ts'
import { Recorder } from '../src/recording/recorder.ts'
import { sampleLive } from '../src/sampling/sample-live.ts'
import { drawRegions } from '../src/ui/screen.tsx'
import { createPen } from '../src/widgets/pen.ts'
import { session } from './fixtures.ts'
import { skipUnlessFull } from './full.ts'
import { createQuietNode } from './helpers/quiet-node.ts'
import { createInstantClock } from './sampling/fake-host.ts'

const WARM_UP = 300
/** Seconds of a window: every file has had its turn as often as in the next. */
const WINDOW = 90
const WINDOWS = 10

interface Figures {
  readonly calls: number
  readonly recordedBytes: number
  /** by folding and drawing, nearly all of it garbage */
  readonly allocatedBytes: number
}

/** Figures per sample, as measured when they were set here. Lower them when something gets cheaper. */
const BUDGET: Readonly<Record<1 | 2, Figures>> = {
  1: { calls: 53.4, recordedBytes: 65.5, allocatedBytes: 736_000 },
  2: { calls: 55.9, recordedBytes: 65.8, allocatedBytes: 746_000 },
}

const countAllocated = (): number =>
  (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes ?? Number.NaN

/** Folds and draws like the main thread, and counts what that allocates. */
function createFolder() {
  const store = createStore(createInitialState(createHistory(session), resolveThresholds({})))
  const pen = createPen({ level: 3, ascii: false })
  let allocated = 0
  return {
    apply: (readings: readonly Reading[]): void => {
      const before = countAllocated()
      for (const reading of readings.slice(0, -1)) store.prepare({ type: 'readings', readings: [reading] })
      store.dispatch({ type: 'readings', readings: readings.slice(-1) })
      drawRegions(store.get(), pen, 120, 40)
      allocated += countAllocated() - before
    },
    getAllocated: () => allocated,
  }
}

/** Returns the figures per second: the smallest of some windows, because compiling code and collecting garbage allocate too. */
async function measureSecond(version: 1 | 2): Promise<Figures> {
  const node = createQuietNode({ version })
  const clock = createInstantClock()
  const recorder = new Recorder(session, 3_600_000)
  const folder = createFolder()
  const getTotals = () => [node.countCalls(), recorder.getStatus().flight?.bytes ?? 0, folder.getAllocated()]
  const totals: (readonly number[])[] = []
  const plan = { interval: 1000, collectors: sampledIds }
  let seconds = 0
  for await (const readings of sampleLive(node.host, clock, plan, () => totals.length > WINDOWS)) {
    await recorder.recordSample(readings)
    folder.apply(readings)
    node.advance()
    if (++seconds >= WARM_UP && seconds % WINDOW === 0) totals.push(getTotals())
  }
  const getSmallest = (i: number): number =>
    Math.min(...totals.slice(1).map((total, window) => (total[i]! - totals[window]![i]!) / WINDOW))
  const getMean = (i: number): number => (totals.at(-1)![i]! - totals[0]![i]!) / WINDOW / (totals.length - 1)
  return { calls: getMean(0), recordedBytes: getMean(1), allocatedBytes: getSmallest(2) }
}

test.each([1, 2] as const)(
  'a second of a quiet node with 200 cgroups on v%d stays within its budget',
  async version => {
    const figures = await measureSecond(version)
    for (const name of ['calls', 'recordedBytes', 'allocatedBytes'] as const) {
      // a Node without this counter says nothing about allocations, nor does code that ran in other tests before
      if (name === 'allocatedBytes' && (Number.isNaN(figures[name]) || skipUnlessFull() !== undefined)) continue
      expect(figures[name], name).toBeLessThanOrEqual(BUDGET[version][name] * 1.1)
      expect(figures[name], `${name}: cheaper; lower the figure of this test`).toBeGreaterThan(
        BUDGET[version][name] * 0.8,
      )
    }
  },
)
