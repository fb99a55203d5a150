// The pages of a recorded scenario: its state at a time, and every view and detail page that can be opened there.
import { readFileSync } from 'node:fs'
import { type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { getPanel, panels } from '../../src/panels/index.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openBuffer } from '../../src/recording/open-recording.ts'

const FOLDER = new URL('../../snapshots/', import.meta.url).pathname

/** A scenario of snapshots/ that can be shown at any time. */
export interface RecordedScenario {
  /** session ms of its last sample */
  readonly end: number
  /** returns the state at `seconds` of the session */
  seek(seconds: number): AppState
}

// Kept: test files that share modules seek in the same recordings, and a seeker remembers what it has replayed.
const opened = new Map<string, RecordedScenario>()

/** Opens a scenario of snapshots/. */
export function openRecordedScenario(scenario: string): RecordedScenario {
  const known = opened.get(scenario)
  if (known) return known
  const one = openScenarioFile(scenario)
  opened.set(scenario, one)
  return one
}

function openScenarioFile(scenario: string): RecordedScenario {
  const tape = openBuffer(scenario, readFileSync(`${FOLDER}${scenario}/session.kmem`))
  const seeker = new RecordingSeeker(tape, defaultThresholds)
  return {
    end: seeker.end,
    seek: seconds => {
      const { history, alerts } = seeker.seekExact(seconds * 1000).monitor
      return { ...createInitialState(history), history, alerts }
    },
  }
}

/** Returns the state of a scenario of snapshots/ at `seconds` of its session. */
export const openScenario = (scenario: string, seconds: number): AppState =>
  openRecordedScenario(scenario).seek(seconds)

export interface RecordedPage {
  /** `overview`, `slab`, `slab page 1` */
  readonly name: string
  readonly state: AppState
}

/** Returns the overview, each view on the whole screen, and the pages of the first `count` rows of each. */
export function listPages(state: AppState, count: number): readonly RecordedPage[] {
  return [
    { name: 'overview', state: updateState(state, { type: 'view', panel: 'overview' }) },
    ...panels.flatMap(({ id }) => {
      const view = updateState(state, { type: 'view', panel: id })
      const keys = getPanel(id).listKeys?.(view) ?? []
      const pages = getPanel(id).getDetail ? keys.slice(0, count) : []
      return [
        { name: id, state: view },
        ...pages.map((key, i) => ({
          name: `${id} page ${i + 1}`,
          state: updateState(view, { type: 'detail', key }),
        })),
      ]
    }),
  ]
}

/** Returns which share of the cells of a frame is blank, and which share of its rows is. */
export function measureBlank(lines: readonly string[]): { readonly cells: number; readonly rows: number } {
  const text = lines.join('')
  const blankRows = lines.filter(line => /^[│|\s]*$/.test(line)).length
  return { cells: (text.match(/ /g)?.length ?? 0) / Math.max(1, text.length), rows: blankRows / lines.length }
}
