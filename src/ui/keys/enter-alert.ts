// The alert that Enter opens where no row is selected: the footer names it, the key opens it.
import { findMostUrgent } from '../../app/banner-alerts.ts'
import type { AppState } from '../../app/state.ts'
import type { Alert } from '../../detectors/alerts.ts'
import { findSelectedRow } from '../../panels/default-row.ts'
import { getPanel } from '../../panels/index.ts'

/** Returns the most urgent alert where Enter opens it: on the overview while no row is selected. */
export function findEnterAlert(state: AppState): Alert | undefined {
  const { ui } = state
  if (ui.zoomed || ui.detail !== undefined || ui.help) return undefined
  if (findSelectedRow(getPanel(ui.focus), state) !== undefined) return undefined
  return findMostUrgent(state.alerts, state.history.time)
}
