// Announces what happens on the node: a command, a receiver of webhooks, lines of JSON.
import { fstatSync } from 'node:fs'
import type { Store } from '../../app/store.ts'
import { getErrorMessage } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import { MINUTE } from '../../base/units.ts'
import { isNews } from '../../detectors/alert-news.ts'
import { toApiAlerts, toWebhookPayload } from '../../export/alertmanager.ts'
import { getPriority, type MonitorEvent, toEventJson } from '../../export/monitor-event.ts'
import { repeatEvery } from '../../sampling/clock.ts'
import { guardWrites, logToStderr } from '../stderr.ts'
import { DeliveryQueue } from './delivery-queue.ts'
import { followEvents } from './follow-events.ts'
import type { HookOptions } from './hook-options.ts'
import { runHookCommand } from './run-hook-command.ts'
import { parseWebhook, postJson, type WebhookTarget } from './webhook.ts'

type Receiver = (event: MonitorEvent) => void
interface Hook {
  readonly receive: Receiver
  readonly finish: () => Promise<void>
}

/** Starts the hooks that the options name; returns a function that delivers the last events and ends them. @throws UserError */
export function startHooks(options: HookOptions, store: Store): () => Promise<void> {
  const hooks = [
    ...(options.onAlert === undefined ? [] : [createCommandHook(options.onAlert)]),
    ...(options.webhook === undefined ? [] : [createWebhook(options.webhook, options.webhookTokenFile, store)]),
    ...(options.events ? [createLineHook()] : []),
  ]
  const stop = followEvents(store, event => {
    for (const { receive } of hooks) receive(event)
  })
  return async () => {
    stop()
    await Promise.all(hooks.map(({ finish }) => finish()))
  }
}

function createCommandHook(command: string): Hook {
  const deliver = (event: MonitorEvent): Promise<void> => runHookCommand(command, event)
  const queue = new DeliveryQueue({ name: '--on-alert', deliver, retries: false, log: logToStderr })
  return { receive: event => event.kind === 'alert' && queue.push(event), finish: () => queue.finish() }
}

function createWebhook(url: string, tokenFile: string | undefined, store: Store): Hook {
  const target = parseWebhook(url, tokenFile)
  return target.isAlertmanager ? createAlertmanagerHook(target, store) : createReceiverHook(target)
}

function createReceiverHook(target: WebhookTarget): Hook {
  const deliver = (body: unknown): Promise<void> => postJson(target, body)
  const queue = new DeliveryQueue({ name: target.shownUrl, deliver, retries: true, log: logToStderr })
  const receive: Receiver = event => event.kind === 'alert' && queue.push(toWebhookPayload(event.history, event.alert))
  return { receive, finish: () => queue.finish() }
}

// Alertmanager forgets an alert that is not sent again: the open ones are, each minute, with the one that just changed.
function createAlertmanagerHook(target: WebhookTarget, store: Store): Hook {
  const deliver = (body: unknown): Promise<void> => postJson(target, body)
  const queue = new DeliveryQueue({ name: target.shownUrl, deliver, retries: true, log: logToStderr })
  const stop = repeatEvery(MINUTE, () => {
    const { history, alerts } = store.get()
    const open = alerts.filter(alert => alert.resolvedAt === undefined && isNews(alert))
    if (open.length > 0) queue.push(toApiAlerts(history, open))
  })
  return {
    receive: event => event.kind === 'alert' && queue.push(toApiAlerts(event.history, [event.alert])),
    finish: () => {
      stop()
      return queue.finish()
    },
  }
}

function createLineHook(): Hook {
  const hasPriorities = isJournal(process.env.JOURNAL_STREAM)
  const write = createLineWriter()
  return {
    receive: event => write(`${hasPriorities ? `<${getPriority(event)}>` : ''}${toJson(toEventJson(event))}\n`),
    finish: async () => {},
  }
}

// After an error no more lines are written.
function createLineWriter(): (line: string) => void {
  let isOver = false
  const write = guardWrites(process.stdout, error => {
    if (!isOver) logToStderr(`--events: stdout cannot be written, no more lines: ${getErrorMessage(error)}`)
    isOver = true
  })
  return line => {
    if (!isOver) write(line)
  }
}

// systemd names the device and inode of the stream that goes to the journal.
function isJournal(stream: string | undefined): boolean {
  const { dev, ino } = fstatSync(1)
  return stream === `${dev}:${ino}`
}
