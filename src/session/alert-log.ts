// Every alert of a session with its number, in the order they were raised: what `info` lists and `cut --alert` counts by.
import type { Alert } from '../detectors/alerts.ts'
import type { Thresholds } from '../detectors/index.ts'
import { switchSession, applyReading, type MonitorState } from '../detectors/watch.ts'
import type { TapeLook } from './looks.ts'
import { alertNotes, identityOf } from './notes.ts'

/** Collects alerts as they are raised, get worse and are resolved. */
export class AlertLog {
  private readonly known = new Map<string, Alert>()
  private alerts: readonly Alert[] = []

  /** Folds a look, and takes the alerts after each of its readings. */
  fold(watch: MonitorState, { session, lead, readings }: TapeLook, thresholds: Thresholds): MonitorState {
    const begun = switchSession(watch, session)
    this.take(begun.alerts)
    return [...lead, ...readings].reduce((before, reading) => {
      const seen = applyReading(before, reading, thresholds)
      this.take(seen.alerts)
      return seen
    }, begun)
  }

  /** Takes the alerts as they are now. */
  take(alerts: readonly Alert[]): void {
    for (const alert of alertNotes(this.alerts, alerts)) this.known.set(identityOf(alert), alert)
    this.alerts = alerts
  }

  /** All of them, as they were last: number n stands at n - 1. */
  all(): readonly Alert[] {
    for (const alert of this.alerts) this.known.set(identityOf(alert), alert)
    return [...this.known.values()]
  }
}
