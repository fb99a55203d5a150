// Golden frames: each recorded session of snapshots/ is folded, and the screen is compared at the times that its
// frames.json names. A new scenario is a folder with session.kmem and frames.json; frames are written by `vitest -u`.
import { readdirSync, readFileSync } from 'node:fs'
import stringWidth from 'string-width'
import { afterAll, describe, expect, test } from 'vitest'
import { type AppState, createInitialState, type PanelId, updateState } from '../src/app/state.ts'
import type { Alert } from '../src/detectors/alerts.ts'
import { defaultThresholds } from '../src/detectors/index.ts'
import { createHistory, type Reading } from '../src/history.ts'
import { RecordingSeeker } from '../src/playback/recording-seeker.ts'
import { openBuffer, type RecordingFile } from '../src/recording/open-recording.ts'
import { renderFrameText } from '../src/ui/screen.tsx'
import { createPen } from '../src/widgets/pen.ts'
import { pickCases } from './full.ts'
import { toPlainValues } from './helpers/plain-values.ts'
import { createStateTable, listSizes, openView, STATES, VIEWS } from './helpers/view-states.ts'

/** What is looked at: when (seconds), which view, and whose alerts must be open then. No alerts in any: none ever. */
interface Shot {
  readonly at: number
  readonly view: PanelId | 'overview'
  readonly note: string
  readonly alerts: readonly string[]
}

const FOLDER = new URL('../snapshots/', import.meta.url).pathname
const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
] as const
/** Scenarios whose frames are compared at every size also when not all cases run. */
const EVERY_SIZE: ReadonlySet<string> = new Set(['v2-pod-limit-oom', 'v1-slab-growth', 'v2-dying-memcgs'])
const sizesOf = (scenario: string): readonly (readonly [number, number])[] =>
  pickCases(EVERY_SIZE.has(scenario) ? SIZES : SIZES.filter(([columns]) => columns === 120), SIZES)
/** Applied several times by default: with kills, with growth that ends, with more cgroups than directories. */
const AGAIN = ['v2-memcg-oom', 'v1-slab-growth', 'v2-dying-memcgs']
const LARGEST = 300_000 // bytes of a session.kmem
const pen = createPen({ level: 0, ascii: false })

const scenarios = readdirSync(FOLDER, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? entry.name : []))
const shotsOf = (scenario: string): readonly Shot[] =>
  JSON.parse(readFileSync(`${FOLDER}${scenario}/frames.json`, 'utf8')) as readonly Shot[]
const fileOf = ({ at, view }: Shot, columns: number, rows: number): string =>
  `frame-${at}s-${view}-${columns}x${rows}.txt`

function openScenario(scenario: string): RecordingFile {
  const packed = readFileSync(`${FOLDER}${scenario}/session.kmem`)
  expect(packed.length).toBeLessThan(LARGEST)
  return openBuffer(scenario, packed)
}

function readSamples(scenario: string): readonly (readonly Reading[])[] {
  const { recording } = openScenario(scenario)
  return recording.parts.flatMap((_, i) => {
    const { readings, sampleEnds: samples, problem } = recording.readPart(i)
    expect(problem).toBeUndefined()
    return samples.map((end, at) => readings.slice(samples[at - 1] ?? 0, end))
  })
}

/** The state after each sample, with its readings applied at once or one after the other. */
function* replayStates(scenario: string, oneByOne = false): Generator<AppState> {
  let state = createInitialState(createHistory(openScenario(scenario).recording.session))
  for (const sample of readSamples(scenario)) {
    const parts = oneByOne ? sample.map(reading => [reading]) : [sample]
    for (const part of parts) state = updateState(state, { type: 'readings', readings: part })
    yield state
  }
}

/** Each shot with the state it shows: the last one not later than its time. */
function* takenOf(scenario: string, onState: (state: AppState) => void): Generator<readonly [Shot, AppState]> {
  const waiting = [...shotsOf(scenario)].sort((a, b) => a.at - b.at)
  let last: AppState | undefined
  for (const state of replayStates(scenario)) {
    onState(state)
    while (last && waiting[0] && waiting[0].at * 1000 < state.history.time) yield [waiting.shift()!, last]
    last = state
  }
  for (const shot of waiting) yield [shot, last!]
}

const linesOf = (state: AppState, { view }: Shot, columns: number, rows: number): readonly string[] =>
  renderFrameText(updateState(state, { type: 'view', panel: view }), pen, columns, rows)

const open = (alerts: readonly Alert[]): readonly Alert[] => alerts.filter(alert => alert.resolvedAt === undefined)
const openDetectors = (alerts: readonly Alert[]): readonly string[] =>
  [...new Set(open(alerts).map(({ detector }) => detector))].sort()

describe.each(scenarios)('%s', scenario => {
  // each recording is applied once, a large one takes seconds; states share what did not change
  let kept: { readonly taken: readonly (readonly [Shot, AppState])[]; readonly last: AppState } | undefined
  const keep = (): NonNullable<typeof kept> => {
    if (kept) return kept
    let last: AppState | undefined
    const taken = [...takenOf(scenario, state => (last = state))]
    kept = { taken, last: last! }
    return kept
  }
  afterAll(() => {
    kept = undefined
  })

  test('shows what it showed', async () => {
    for (const [shot, state] of keep().taken) {
      for (const [columns, rows] of sizesOf(scenario)) {
        const lines = linesOf(state, shot, columns, rows)
        const file = fileOf(shot, columns, rows)
        await expect(`${lines.join('\n')}\n`, file).toMatchFileSnapshot(`${FOLDER}${scenario}/${file}`)
      }
    }
  })

  test('fills every cell of the screen and lets no control character through', () => {
    for (const [shot, state] of keep().taken) {
      for (const [columns, rows] of sizesOf(scenario)) {
        const lines = linesOf(state, shot, columns, rows)
        expect(lines.length).toBe(rows)
        expect(lines.filter(line => stringWidth(line) !== columns)).toEqual([])
        expect(lines.filter(line => /\p{Cc}/u.test(line))).toEqual([])
      }
    }
  })

  test('raises the alerts that are expected, and no others', () => {
    for (const [shot, state] of keep().taken)
      expect(openDetectors(state.alerts), `at ${shot.at} s: ${shot.note}`).toEqual([...shot.alerts].sort())
    if (shotsOf(scenario).some(({ alerts }) => alerts.length > 0)) return
    for (const { alerts } of replayStates(scenario)) expect(alerts).toEqual([])
  })

  const testAgain = pickCases(AGAIN, scenarios).includes(scenario) ? test : () => {}

  testAgain('gives the same state when it is applied reading by reading', () => {
    let state: AppState | undefined
    for (state of replayStates(scenario, true));
    expect(toPlainValues(state)).toEqual(toPlainValues(keep().last))
  })

  testAgain('gives the same state when it is played, sought and rewound', () => {
    const seeker = new RecordingSeeker(openScenario(scenario), defaultThresholds)
    for (const [shot, state] of keep().taken.toReversed()) {
      const { monitor } = seeker.seekExact(shot.at * 1000)
      expect(toPlainValues(monitor)).toEqual(toPlainValues({ history: state.history, alerts: state.alerts }))
    }
  })

  test('has no frame that is not asked for', () => {
    const wanted = new Set(shotsOf(scenario).flatMap(shot => SIZES.map(([x, y]) => fileOf(shot, x, y))))
    const there = readdirSync(`${FOLDER}${scenario}`).filter(name => name.startsWith('frame-'))
    expect(there.filter(name => !wanted.has(name))).toEqual([])
  })
})

describe('each view in each state', () => {
  const folder = new URL('./ui/golden-states/', import.meta.url).pathname
  const table = createStateTable()
  const cases = STATES.flatMap(state => VIEWS.map(view => [view, state] as const))
  // a list without rows has no page; every other page and view has a frame
  const listFrames = ([view, state]: (typeof cases)[number]): readonly (readonly [string, readonly string[]])[] => {
    const opened = openView(table.get(state)!, view)
    if (!opened) return []
    return listSizes(state).map(([columns, rows]) => [
      `${view} ${state} ${columns}x${rows}.txt`.replaceAll(' ', '-'),
      renderFrameText(opened, pen, columns, rows),
    ])
  }

  test.each(cases)('%s, %s: shows what it showed', async (view, state) => {
    for (const [file, lines] of listFrames([view, state]))
      await expect(`${lines.join('\n')}\n`, file).toMatchFileSnapshot(`${folder}${file}`)
  })

  test('none is missing, and none is left over', () => {
    const wanted = cases.flatMap(listFrames).map(([file]) => file)
    expect(readdirSync(folder).sort()).toEqual(wanted.sort())
    const withPages = VIEWS.filter(view => view.endsWith(' page'))
    expect(withPages.filter(view => !openView(table.get('alert')!, view))).toEqual([])
  })
})
