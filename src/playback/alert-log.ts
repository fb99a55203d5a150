// Numbers the alerts of a session in the order they were raised: the numbers of `info` and of `cut --alert`.
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import { applyReading, type MonitorState, switchSession } from '../detectors/monitor-state.ts'
import { findChangedAlerts, getAlertIdentity } from '../recording/summary-builder.ts'
import { AlertLimit } from './alert-limit.ts'
import type { RecordedSample } from './recorded-samples.ts'

/** Collects alerts as they are raised, become worse and are resolved. */
export class AlertLog {
  private readonly known = new Map<string, Alert>()
  private readonly limit = new AlertLimit()
  private alerts: readonly Alert[] = []

  /** Applies a sample, and records the alerts after each of its readings. */
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

  /** Records the current alerts. */
  addAlerts(alerts: readonly Alert[]): void {
    if (alerts === this.alerts) return
    const changed = findChangedAlerts(this.alerts, alerts)
    for (const alert of this.limit.selectKept(changed, alerts)) this.known.set(getAlertIdentity(alert), alert)
    this.alerts = alerts
  }

  /** How many alerts are not kept. */
  get leftOut(): number {
    return this.limit.leftOut
  }

  /**
   * Returns all kept alerts in their latest state: number n is at index n - 1.
   * @param recorded alerts of the recording's summaries: only these know when an alert was acknowledged
   */
  listAlerts(recorded: readonly Alert[] = []): readonly Alert[] {
    for (const alert of this.alerts)
      if (this.known.has(getAlertIdentity(alert))) this.known.set(getAlertIdentity(alert), alert)
    const acknowledged = new Map(
      recorded.flatMap(({ acknowledgedAt, ...alert }) =>
        acknowledgedAt === undefined ? [] : [[getAlertIdentity(alert), { acknowledgedAt }] as const],
      ),
    )
    return [...this.known].map(([identity, alert]) => ({ ...alert, ...acknowledged.get(identity) }))
  }
}
