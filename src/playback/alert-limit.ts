// Bounds the alerts that are kept of a whole recording: a million OOM kills in as many cgroups are as many alerts.
import type { Alert } from '../detectors/alerts.ts'
import { getAlertIdentity } from '../recording/summary-builder.ts'

/** Alerts that are kept of one detector in one severity, about 9 KB each. */
const MAX_ALERTS = 5000

/** Keeps the first alerts of each detector and severity, and counts the others. */
export class AlertLimit {
  private readonly kept = new Set<string>()
  private readonly counts = new Map<string, number>()
  /** those that are not kept and still in the monitor's list, which is bounded */
  private current = new Set<string>()
  private past = 0

  /** How many alerts were not kept. */
  get leftOut(): number {
    return this.past + this.current.size
  }

  /** Selects the changed alerts that are kept. `all`: the monitor's list, from which they are */
  selectKept(changed: readonly Alert[], all: readonly Alert[]): readonly Alert[] {
    const selected = changed.filter(alert => this.isKept(alert))
    if (this.current.size > 2 * all.length) this.forgetPast(all)
    return selected
  }

  private isKept(alert: Alert): boolean {
    const identity = getAlertIdentity(alert)
    if (this.kept.has(identity)) return true
    const key = `${alert.detector} ${alert.severity}`
    const count = this.counts.get(key) ?? 0
    if (count >= MAX_ALERTS) {
      this.current.add(identity)
      return false
    }
    this.current.delete(identity) // it became worse
    this.counts.set(key, count + 1)
    this.kept.add(identity)
    return true
  }

  private forgetPast(all: readonly Alert[]): void {
    const listed = new Set(all.map(getAlertIdentity))
    const kept = new Set([...this.current].filter(identity => listed.has(identity)))
    this.past += this.current.size - kept.size
    this.current = kept
  }
}
