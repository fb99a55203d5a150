// The pictures of the documentation: recorded scenarios at a time and a view, drawn from the state of the screen.
import { type AppState, updateState } from '../../src/app/state.ts'
import { HOUR, SECOND } from '../../src/base/units.ts'
import { getPanel } from '../../src/panels/index.ts'
import { buildTimelineEvents, type TimelineEvent } from '../../src/playback/timeline-events.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { idlePlayer } from '../playback/states.ts'
import { drawAnimation, type ScreenCells } from './animation.ts'
import { type Cell, createEmulator, type Emulator } from './emulator.ts'
import { renderSvg } from './png.ts'
import { openRecordedScenario, type RecordedScenario } from './recorded-pages.ts'

const SIZE = { columns: 120, rows: 40 } as const
const pen = createPen({ level: 3, ascii: false })

/** A still picture: where a scenario is at a time, and the page that is open. */
interface Still {
  readonly file: string
  readonly scenario: string
  readonly seconds: number
  readonly open?: { readonly panel: string; readonly row: number }
}

export const STILLS: readonly Still[] = [
  { file: 'docs/overview.png', scenario: 'v1-slab-growth', seconds: 60 },
  { file: 'docs/oom-kill.png', scenario: 'v2-pod-limit-oom', seconds: 14, open: { panel: 'oom', row: 0 } },
  { file: 'docs/leak.png', scenario: 'v1-incident-310', seconds: 129_600, open: { panel: 'alerts', row: 1 } },
]

/** Returns a still as SVG. */
export async function drawStill({ scenario: name, seconds, open }: Still): Promise<string> {
  const scenario = openRecordedScenario(name)
  const state = openAt(scenario, seconds, listEvents(scenario))
  return renderSvg(await drawScreen(open ? openRow(state, open.panel, open.row) : state))
}

function openRow(state: AppState, panel: string, row: number): AppState {
  const view = updateState(state, { type: 'view', panel })
  return updateState(view, { type: 'detail', key: getPanel(panel).listKeys!(view)[row]! })
}

const INCIDENT = { scenario: 'v1-incident-310', hours: 36, frames: 25, seconds: 20 } as const

const TITLE = 'kmemtop plays an incident: slab grows for 28 hours, then memory ends and a process is killed'

/** Returns the incident of 36 hours, played in twenty seconds, as an animated SVG. */
export async function drawIncident(): Promise<string> {
  const scenario = openRecordedScenario(INCIDENT.scenario)
  const events = listEvents(scenario)
  const step = (INCIDENT.hours * HOUR) / SECOND / (INCIDENT.frames - 1)
  const frames: ScreenCells[] = []
  for (let i = 0; i < INCIDENT.frames; i++) {
    const screen = await drawScreen(openAt(scenario, Math.max(300, i * step), events))
    frames.push(readCells(screen))
  }
  return drawAnimation(frames, INCIDENT.seconds, TITLE)
}

/** Returns what the timeline shows in every frame of a scenario. */
const listEvents = ({ end, seek }: RecordedScenario): readonly TimelineEvent[] =>
  buildTimelineEvents(seek(end / SECOND).alerts, { marks: [], gaps: [] })

// The screen as a player shows it.
function openAt({ end, seek }: RecordedScenario, seconds: number, events: readonly TimelineEvent[]): AppState {
  const state = seek(seconds)
  const player = { ...idlePlayer, end, at: seconds * SECOND, playing: true, events }
  return { ...state, player }
}

async function drawScreen(state: AppState): Promise<Emulator> {
  const { columns, rows } = SIZE
  const emulator = createEmulator(columns, rows, () => {})
  const lines = renderFrameText(state, pen, columns, rows).map((line, i) => `\x1b[${i + 1};1H${line}`)
  await new Promise<void>(resolve => emulator.feed(Buffer.from(`\x1b[?7l${lines.join('')}`), resolve))
  return emulator
}

const readCells = (emulator: Emulator): readonly (readonly Cell[])[] =>
  Array.from({ length: SIZE.rows }, (_, row) =>
    Array.from({ length: SIZE.columns }, (_, column) => emulator.cell(row, column)),
  )
