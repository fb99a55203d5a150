// How soon a long recording is there: its first frame, any moment of it, and what holding it takes. Runs in a process of its own.
import { limitHeapGrowth } from '../src/cli/shrink-heap.ts'
import { defaultThresholds } from '../src/detectors/index.ts'
import { Player, type PlayerStatus } from '../src/playback/player.ts'
import { RecordingSeeker } from '../src/playback/recording-seeker.ts'
import { openRecording } from '../src/recording/open-recording.ts'
import { createRandom } from '../test/seeded-random.ts'
import { median, type Row, roundTo } from './bench.ts'

/** Seeks while nothing is folded yet, and when all is. */
const SEEKS = { cold: 100, warm: 40 }

/** Seeks to so many moments; of each the milliseconds until something is shown, and until it is exact. */
function measureSeeks(player: Player, state: () => PlayerStatus, random: () => number, count: number) {
  const shown: number[] = []
  const exact: number[] = []
  for (let i = 0; i < count; i++) {
    const { begin, end } = state()
    const from = performance.now()
    player.execute({ type: 'go', time: begin + random() * (end - begin) })
    shown.push(performance.now() - from)
    while (player.isApproaching) player.workInBackground(() => true)
    exact.push(performance.now() - from)
  }
  return { shown, exact }
}

function buildRow(name: string, ms: readonly number[], rest: Row = {}): Row {
  const sorted = [...ms].sort((a, b) => a - b)
  const getPercentile = (share: number): number =>
    Math.round(sorted[Math.min(ms.length - 1, Math.floor(share * ms.length))]!)
  return {
    what: name,
    'median ms': Math.round(median(ms)),
    '90 % ms': getPercentile(0.9),
    'worst ms': getPercentile(1),
    ...rest,
  }
}

/** The rows of one recording. */
export function measurePlayer(path: string): readonly Row[] {
  const limitHeap = limitHeapGrowth()
  const random = createRandom(7)
  const start = performance.now()
  let last: PlayerStatus | undefined
  const seeker = new RecordingSeeker(openRecording(path), defaultThresholds)
  const show = (_: unknown, state: PlayerStatus): void => {
    last = state
    limitHeap()
  }
  const player = new Player(seeker, show, { playing: false })
  const opened = performance.now() - start
  const state = (): PlayerStatus => last!
  const cold = measureSeeks(player, state, random, SEEKS.cold)
  const slices: number[] = []
  const before = performance.now()
  for (let more = true; more; ) {
    const from = performance.now()
    more = player.workInBackground(() => performance.now() < from + 20)
    slices.push(performance.now() - from)
  }
  const folded = performance.now() - before
  const warm = measureSeeks(player, state, random, SEEKS.warm)
  const mb = (): Row => ({ 'RSS MB': roundTo(process.memoryUsage().rss / 1e6) })
  return [
    buildRow('opened, first frame folded', [opened]),
    buildRow('seek, nothing folded yet', cold.shown),
    buildRow('a slice of folding in the background', slices, { 'all s': roundTo(folded / 1000) }),
    buildRow('seek, all folded', warm.shown),
    buildRow('… until it is exact', warm.exact, mb()),
  ]
}

console.log(JSON.stringify(measurePlayer(process.argv[2]!)))
