// Sends alerts to a URL: a receiver of Alertmanager's webhooks, or Alertmanager itself (a URL that ends in /api/v2/alerts).
import { toJson } from '../../base/json.ts'
import { SECOND } from '../../base/units.ts'
import { describeFetchError, parseHttpTarget } from '../http-client.ts'
import { RefusedError } from './delivery-queue.ts'

const TIMEOUT = 10 * SECOND

/** A receiver. Its secrets are in `headers` only. */
export interface WebhookTarget {
  readonly url: string
  /** the URL as it may be shown */
  readonly shownUrl: string
  readonly headers: Readonly<Record<string, string>>
  /** it takes the API's list of alerts, not a webhook's payload */
  readonly isAlertmanager: boolean
}

/** Parses `--webhook` and reads `--webhook-token-file`. @throws UserError without showing the URL's secrets */
export function parseWebhook(text: string, tokenFile: string | undefined): WebhookTarget {
  const example = 'https://alerts.example.org/hook'
  const { url, headers } = parseHttpTarget(text, { option: '--webhook', example, tokenFile })
  return {
    url: url.href,
    shownUrl: `${url.origin}${url.pathname}`, // a query may hold a secret
    headers: { 'content-type': 'application/json', ...headers },
    isAlertmanager: url.pathname.endsWith('/api/v2/alerts'),
  }
}

/** Posts a body. @throws RefusedError if the receiver does not want it, Error if it does not answer within 10 s or fails */
export async function postJson({ url, headers }: WebhookTarget, body: unknown): Promise<void> {
  const request = { method: 'POST', headers, body: toJson(body), redirect: 'error' } as const
  const answer = await globalThis.fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT) }).catch(error => {
    throw new Error(describeFetchError(error, TIMEOUT))
  })
  await answer.body?.cancel()
  if (answer.ok) return
  const text = `answered ${answer.status} ${answer.statusText}`
  throw isRetryable(answer.status) ? new Error(text) : new RefusedError(text)
}

// As Alertmanager does: a server that fails is asked again, one that refuses is not.
const isRetryable = (status: number): boolean => status >= 500 || status === 429 || status === 408
