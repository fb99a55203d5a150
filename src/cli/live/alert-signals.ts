// What the terminal shows of alerts while nobody watches: its title, its bell, and a notification of the desktop.
import type { Store } from '../../app/store.ts'
import { escapeControls } from '../../base/text.ts'
import { findNews } from '../../detectors/alert-news.ts'
import { type Alert, isActiveCritical, listActiveBySeverity } from '../../detectors/alerts.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Which of them are wanted. */
export interface SignalOptions {
  readonly title: boolean
  readonly bell: boolean
  readonly notify: boolean
}

const MAX_TEXT = 120 // characters
const SAVE_TITLE = '\x1b[22;2t'
const RESTORE_TITLE = '\x1b[23;2t'

// A semicolon separates the parts of a notification.
const cleanText = (text: string): string => escapeControls(text).replaceAll(';', ',').slice(0, MAX_TEXT)

/** Returns the title of the terminal: the node, and its active alerts. */
export function formatTitle(host: string, alerts: readonly Alert[]): string {
  const active = listActiveBySeverity(alerts)
  const [first] = active
  const more = active.length > 1 ? ` +${active.length - 1}` : ''
  return cleanText(first ? `${first.title}${more} - ${host} - kmemtop` : `${host} - kmemtop`)
}

/** Returns the sequence of a notification: OSC 777 for the terminals that know only that, else OSC 9. Wrapped for tmux. */
export function encodeNotification(title: string, text: string, env: Environment): string {
  const [head, body] = [cleanText(title), cleanText(text)]
  const isOther = /rxvt|foot|ghostty/.test(env.TERM ?? '') || env.VTE_VERSION !== undefined
  const sequence = isOther ? `\x1b]777;notify;${head};${body}\x07` : `\x1b]9;${head}: ${body}\x07`
  return env.TMUX ? `\x1bPtmux;${sequence.replaceAll('\x1b', '\x1b\x1b')}\x1b\\` : sequence
}

/** Follows the alerts of a live session until the returned function is called, which gives the title back. */
export function signalAlerts(
  store: Store,
  { title, bell, notify }: SignalOptions,
  write: (sequence: string) => void,
  env: Environment,
): () => void {
  let known = store.get().alerts
  let shownTitle = ''
  const showTitle = (): void => {
    const { alerts, history } = store.get()
    const text = formatTitle(history.session.host, alerts)
    if (text !== shownTitle) write(`\x1b]2;${text}\x07`)
    shownTitle = text
  }
  const handleChange = (): void => {
    const { alerts, history } = store.get()
    if (alerts === known) return
    const news = findNews(known, alerts)
      .filter(({ change }) => change !== 'resolved' && change !== 'attributed')
      .map(({ alert }) => alert)
      .filter(alert => isActiveCritical(alert) && alert.acknowledgedAt === undefined)
    known = alerts
    if (title) showTitle()
    const [first] = news
    if (first && bell) write('\x07')
    if (first && notify) write(encodeNotification(`${history.session.host}: ${first.title}`, first.summary, env))
  }
  if (title) {
    write(SAVE_TITLE)
    showTitle()
  }
  const stop = store.subscribe(handleChange)
  return () => {
    stop()
    if (title) write(RESTORE_TITLE)
  }
}
