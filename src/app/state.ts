// State: the whole program as a value, and `updateState`, the reducer. Pure: no clock, no files, no screen.

import type { RecordingHeader } from '../collectors/collector.ts'
import type { Alert } from '../detectors/alerts.ts'
import { defaultThresholds, type Thresholds } from '../detectors/index.ts'
import { applyReading, type MonitorState, switchSession } from '../detectors/monitor-state.ts'
import type { History, Reading } from '../history.ts'
import type { PlayerStatus } from '../playback/player.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import { getAlertIdentity } from '../recording/summary-builder.ts'
import type { LinkStatus } from '../sampling/via/link/link-status.ts'
import { type AcknowledgeScope, acknowledge, undoAcknowledge } from './acknowledge.ts'
import { initialUi, type UiAction, type UiState, updateUi } from './ui-state.ts'

export type { PanelId, PanelState } from './ui-state.ts'

/** All that the screen is drawn from. A new value for each action; parts that did not change are shared. */
export interface AppState {
  readonly history: History
  readonly alerts: readonly Alert[]
  readonly thresholds: Thresholds
  readonly ui: UiState
  /** describes the host (model, distribution); empty until it is known */
  readonly identity: string
  /** set while a recording is played or a live session is rewound */
  readonly player: PlayerStatus | undefined
  /** state of the recorder of a live session */
  readonly recorder: RecorderStatus
  /** the link to a node that is reached over a command */
  readonly link: LinkStatus | undefined
  /** output of the command of a load test (`run --tui`) */
  readonly output?: CommandOutputView
}

/** What a command printed, as the screen shows it. */
export interface CommandOutputView {
  /** the command line */
  readonly title: string
  /** what the run does now */
  readonly phase: string
  /** the last lines, without escape sequences */
  readonly lines: readonly string[]
}

/** What happened: readings, keys, the player, the recorder. `updateState` is the only code that applies one. */
export type AppAction =
  | UiAction
  | { readonly type: 'readings'; readonly readings: readonly Reading[] }
  | { readonly type: 'session'; readonly session: RecordingHeader }
  | { readonly type: 'played'; readonly monitor: MonitorState; readonly player: PlayerStatus }
  | { readonly type: 'recorder'; readonly status: RecorderStatus }
  | { readonly type: 'link'; readonly link: LinkStatus }
  | { readonly type: 'output'; readonly output: CommandOutputView }
  | { readonly type: 'live' }
  | { readonly type: 'remembered'; readonly alerts: readonly Alert[] }
  | { readonly type: 'acknowledge'; readonly scope?: AcknowledgeScope }
  | { readonly type: 'undo-acknowledge' }
  | { readonly type: 'thresholds'; readonly thresholds: Thresholds }
  | { readonly type: 'identity'; readonly text: string }

/** Returns the state of the program before its first reading. */
export function createInitialState(history: History, thresholds: Thresholds = defaultThresholds): AppState {
  return {
    history,
    alerts: [],
    thresholds,
    identity: '',
    player: undefined,
    recorder: {},
    link: undefined,
    ui: initialUi,
  }
}

/** Returns the state after an action. */
export function updateState(state: AppState, action: AppAction): AppState {
  switch (action.type) {
    case 'readings': {
      const applyOne = (monitor: MonitorState, reading: Reading): MonitorState =>
        applyReading(monitor, reading, state.thresholds)
      const { history, alerts } = action.readings.reduce<MonitorState>(applyOne, state)
      return { ...state, history, alerts }
    }
    case 'session': {
      const { history, alerts } = switchSession(state, action.session)
      return { ...state, history, alerts }
    }
    case 'played':
      return applyPlayback(state, action.monitor, action.player)
    case 'live':
      return { ...state, player: undefined, ui: { ...state.ui, frozen: undefined } }
    case 'output':
      return { ...state, output: action.output }
    case 'remembered':
      return { ...state, alerts: action.alerts }
    case 'link':
      return { ...state, link: action.link }
    case 'recorder':
      return applyRecorderStatus(state, action.status)
    case 'thresholds':
      return { ...state, thresholds: action.thresholds }
    case 'identity':
      return { ...state, identity: action.text }
    case 'acknowledge':
      return acknowledge(state, action.scope ?? 'one')
    case 'undo-acknowledge':
      return undoAcknowledge(state)
    default:
      return { ...state, ui: updateUi(state.ui, action, state.history) }
  }
}

// A new problem is shown in the footer: `w` may have announced a recording that cannot be written.
function applyRecorderStatus(state: AppState, status: RecorderStatus): AppState {
  const { problem } = status
  const isNew = problem !== undefined && problem !== state.recorder.problem
  const ui = isNew ? updateUi(state.ui, { type: 'notice', text: problem }, state.history) : state.ui
  return { ...state, recorder: status, ui }
}

// A live session continues while it is rewound: only the visible history moves. Acknowledged alerts stay acknowledged at every time.
function applyPlayback(state: AppState, { history, alerts }: MonitorState, player: PlayerStatus): AppState {
  if (player.rewound) return { ...state, player, ui: { ...state.ui, frozen: history } }
  return { ...state, history, alerts: keepAcknowledged(alerts, state.alerts), player }
}

/** Returns `alerts` of another time; those that are unchanged since they were acknowledged in `previous` stay acknowledged. */
export function keepAcknowledged(alerts: readonly Alert[], previous: readonly Alert[]): readonly Alert[] {
  const acknowledged = new Map(
    previous.flatMap(alert => (alert.acknowledgedAt === undefined ? [] : [[getAlertIdentity(alert), alert] as const])),
  )
  const keepIfUnchanged = (alert: Alert): Alert => {
    const before = acknowledged.get(getAlertIdentity(alert))
    const isUnchanged = before && before.count === alert.count && before.severity === alert.severity
    return isUnchanged ? { ...alert, acknowledgedAt: before.acknowledgedAt! } : alert
  }
  return acknowledged.size > 0 ? alerts.map(keepIfUnchanged) : alerts
}

/** Returns `alerts` without acknowledgements that were taken back in `previous`. */
export function dropWithdrawn(alerts: readonly Alert[], previous: readonly Alert[]): readonly Alert[] {
  const open = new Set(previous.filter(alert => alert.acknowledgedAt === undefined).map(getAlertIdentity))
  const isWithdrawn = (alert: Alert): boolean =>
    alert.acknowledgedAt !== undefined && alert.resolvedAt === undefined && open.has(getAlertIdentity(alert))
  if (!alerts.some(isWithdrawn)) return alerts
  return alerts.map(alert => {
    if (!isWithdrawn(alert)) return alert
    const { acknowledgedAt: _, ...rest } = alert
    return rest
  })
}

/** Returns the history on the screen: frozen while paused or rewound. Alerts are never frozen. */
export const getVisibleHistory = (state: AppState): History => state.ui.frozen ?? state.history
