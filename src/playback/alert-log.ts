// Every alert of a session with its number, in the order they were raised: what `info` lists and `cut --alert` counts by.
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import { applyReading, type MonitorState, switchSession } from '../detectors/monitor-state.ts'
import { findChangedAlerts, getAlertIdentity } from '../recording/summary-builder.ts'
import type { RecordedSample } from './recorded-samples.ts'

/** Collects alerts as they are raised, get worse and are resolved. */
export class AlertLog {
  private readonly known = new Map<string, Alert>()
  private alerts: readonly Alert[] = []

  /** Folds a look, and takes the alerts after each of its readings. */
  applySample(
    monitor: MonitorState,
    { session, preamble, readings }: RecordedSample,
    thresholds: Thresholds,
  ): MonitorState {
    const switched = switchSession(monitor, session)
    this.addAlerts(switched.alerts)
    return [...preamble, ...readings].reduce((before, reading) => {
      const next = applyReading(before, reading, thresholds)
      this.addAlerts(next.alerts)
      return next
    }, switched)
  }

  /** Takes the alerts as they are now. */
  addAlerts(alerts: readonly Alert[]): void {
    for (const alert of findChangedAlerts(this.alerts, alerts)) this.known.set(getAlertIdentity(alert), alert)
    this.alerts = alerts
  }

  /** All of them, as they were last: number n stands at n - 1. */
  listAlerts(): readonly Alert[] {
    for (const alert of this.alerts) this.known.set(getAlertIdentity(alert), alert)
    return [...this.known.values()]
  }
}
