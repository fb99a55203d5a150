// Acknowledging alerts: which alerts a key is about, and taking an acknowledgement back.
import { type Alert, acknowledgeAlert, getAlertKey } from '../detectors/alerts.ts'
import type { History } from '../history.ts'
import { findMostUrgent } from './banner-alerts.ts'
import type { UiState } from './ui-state.ts'

const MAX_UNDO = 50

/** What of the state of the program alerts and keys are about. */
interface AlertState {
  readonly alerts: readonly Alert[]
  readonly ui: UiState
  readonly history: History
}

/** How many alerts an acknowledgement is about: one, or all of its kind. */
export type AcknowledgeScope = 'one' | 'kind'

/** Acknowledges the alert of the open page, else the selected one, else the first of the banner; or all alerts of its kind. */
export function acknowledge<State extends AlertState>(state: State, scope: AcknowledgeScope): State {
  const { alerts, ui, history } = state
  const target = findTarget(state)
  if (!target) return state
  if (scope === 'one' && target.acknowledgedAt !== undefined) return withdraw(state, [getAlertKey(target)])
  const keys = alerts
    .filter(alert => isOpen(alert) && alert.acknowledgedAt === undefined)
    .filter(alert => (scope === 'kind' ? alert.detector === target.detector : alert === target))
    .map(getAlertKey)
  if (keys.length === 0) return state
  const acknowledged = [...ui.acknowledged, keys].slice(-MAX_UNDO)
  const notice = `acknowledged: ${keys.length === 1 ? target.title : `${keys.length} × ${target.title}`}; u takes it back`
  return {
    ...state,
    alerts: keys.reduce((list, key) => acknowledgeAlert(list, key, history.time), alerts),
    ui: { ...ui, acknowledged, notice },
  }
}

/** Takes back the last acknowledgement whose alerts are still open. */
export function undoAcknowledge<State extends AlertState>(state: State): State {
  const open = new Set(state.alerts.filter(isOpen).map(getAlertKey))
  const last = state.ui.acknowledged.findLast(keys => keys.some(key => open.has(key)))
  return last ? withdraw(state, last) : state
}

/** Whether `u` has anything to take back. */
export const canUndoAcknowledge = (state: AlertState): boolean =>
  state.ui.acknowledged.length > 0 && undoAcknowledge(state) !== state

function withdraw<State extends AlertState>(state: State, keys: readonly string[]): State {
  const withdrawn = new Set(keys)
  const withdrawOne = (alert: Alert): Alert => {
    if (!isOpen(alert) || !withdrawn.has(getAlertKey(alert))) return alert
    const { acknowledgedAt: _, ...open } = alert
    return open
  }
  const acknowledged = state.ui.acknowledged
    .map(batch => batch.filter(key => !withdrawn.has(key)))
    .filter(batch => batch.length > 0)
  const notice = `no longer acknowledged: ${formatTitles(state.alerts, withdrawn)}`
  return { ...state, alerts: state.alerts.map(withdrawOne), ui: { ...state.ui, acknowledged, notice } }
}

function formatTitles(alerts: readonly Alert[], keys: ReadonlySet<string>): string {
  const titles = alerts.filter(alert => isOpen(alert) && keys.has(getAlertKey(alert))).map(({ title }) => title)
  return [...new Set(titles)].join(', ')
}

const isOpen = ({ resolvedAt }: Alert): boolean => resolvedAt === undefined

/** Whether `a` does anything: an alert is unacknowledged, or the one in question can be taken back. */
export const canAcknowledge = (state: AlertState): boolean => findTarget(state) !== undefined

/** Returns the alert of the open page, else the selected alert, else the first of the banner. */
function findTarget({ alerts, ui, history }: AlertState): Alert | undefined {
  const findOpen = (key: string | undefined): Alert | undefined =>
    key === undefined ? undefined : alerts.find(alert => isOpen(alert) && getAlertKey(alert) === key)
  const isSelected = ui.focus === 'alerts' && ui.zoomed
  return (
    findOpen(ui.detail) ??
    (isSelected ? findOpen(ui.panels.alerts?.selected) : undefined) ??
    findMostUrgent(alerts, history.time)
  )
}
