// The options that notify others of what happens on the node.
import { Option } from 'commander'

/** Who is notified. */
export interface HookOptions {
  /** a command for the shell */
  readonly onAlert?: string
  readonly webhook?: string
  readonly webhookTokenFile?: string
  /** print each event as a line of JSON */
  readonly events?: boolean
}

/** The options of `HookOptions`. */
export const hookOptions: readonly Option[] = [
  new Option(
    '--on-alert <command>',
    'run this command for each change of an alert; it gets the alert as JSON on stdin',
  ),
  new Option(
    '--webhook <url>',
    'send alerts to this receiver of Alertmanager webhooks, or to an Alertmanager (…/api/v2/alerts)',
  ),
  new Option('--webhook-token-file <file>', 'file with the bearer token for --webhook'),
  new Option('--events', 'print each change of an alert and each OOM kill as a line of JSON').default(false),
]
