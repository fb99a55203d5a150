// What happens on a node, as an event for other programs: the change of an alert, or an OOM kill.
import type { JsonObject } from '../base/json.ts'
import type { AlertChange } from '../detectors/alert-news.ts'
import type { Alert } from '../detectors/alerts.ts'
import type { CorrelatedKill } from '../detectors/oom/oom-correlation.ts'
import type { History } from '../history.ts'
import { toIso } from './session-time.ts'
import { toAlertJson, toKillJson } from './state-json.ts'

/** One event, with the history it happened in. */
export type MonitorEvent =
  | { readonly kind: 'alert'; readonly history: History; readonly alert: Alert; readonly change: AlertChange }
  | { readonly kind: 'oom-kill'; readonly history: History; readonly kill: CorrelatedKill }

/** Returns an event as one JSON object: `event` says which kind, the rest is that of `check --json`. */
export function toEventJson(event: MonitorEvent): JsonObject {
  const { history, kind } = event
  const { session } = history
  const node = { event: kind, host: session.host, kernel: session.kernel }
  if (event.kind === 'oom-kill') return { ...node, ...toKillJson(history, event.kill) }
  return { ...node, change: event.change, time: toIso(session, history.time), ...toAlertJson(history, event.alert) }
}

/** Priorities of syslog(3): https://www.freedesktop.org/software/systemd/man/latest/sd-daemon.html */
const PRIORITY = { critical: 2, error: 3, warning: 4, notice: 5, info: 6 } as const

/** Returns the syslog priority of an event: a resolved alert is a notice, a kill an error. */
export function getPriority(event: MonitorEvent): number {
  if (event.kind === 'oom-kill') return PRIORITY.error
  return event.change === 'resolved' ? PRIORITY.notice : PRIORITY[event.alert.severity]
}
