// What a program without a screen says on stderr: alerts, and the link to another node.
import type { Store } from '../../app/store.ts'
import { findNews } from '../../detectors/alert-news.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { LinkStatus } from '../../sampling/via/link/link-status.ts'
import { logToStderr } from '../stderr.ts'

/** Logs each change of an alert. */
export function logAlerts(store: Store): void {
  let { alerts } = store.get()
  store.subscribe(() => {
    const now = store.get().alerts
    for (const { alert, change } of findNews(alerts, now))
      logToStderr(change === 'resolved' ? `over: ${alert.title}` : `${alert.title}  ${alert.summary}`)
    alerts = now
  })
}

/** Logs what is missing at the far end, and when the link is lost and found again, and a reboot there. */
export function logLink(source: LiveSource): void {
  let last: LinkStatus['state'] = 'up'
  let logged: readonly string[] = []
  let lastReboot: number | undefined
  source.subscribeLink(({ state, problem, command, missing, rebootedAt }) => {
    for (const text of missing) if (!logged.includes(text)) logToStderr(`${command}: ${text}`)
    logged = missing
    if (rebootedAt !== lastReboot)
      logToStderr(`${command}: the node was rebooted; what follows belongs to its new boot`)
    lastReboot = rebootedAt
    if (state === 'down' && last !== 'down') logToStderr(`${command}: link down, reconnecting: ${problem ?? ''}`)
    if (state === 'up' && last === 'down') logToStderr(`${command}: connected again`)
    last = state
  })
}
