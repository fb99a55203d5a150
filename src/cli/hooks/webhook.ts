// Sends alerts to a URL: a receiver of Alertmanager's webhooks, or Alertmanager itself (a URL that ends in /api/v2/alerts).
import { readFileSync } from 'node:fs'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import { SECOND } from '../../base/units.ts'

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
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UserError('--webhook: expected a URL like https://alerts.example.org/hook')
  const { username, password } = url
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  url.username = ''
  url.password = ''
  const token = tokenFile === undefined ? undefined : readToken(tokenFile)
  const basic = username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
  const authorization = token === undefined ? basic : `Bearer ${token}`
  return {
    url: url.href,
    shownUrl: `${url.origin}${url.pathname}`, // a query may hold a secret
    headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    isAlertmanager: url.pathname.endsWith('/api/v2/alerts'),
  }
}

/** Reads a file that holds one secret. @throws UserError */
export function readToken(file: string): string {
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${getErrorMessage(error)}`)
  }
  throw new UserError(`${file}: expected one token of printable characters`)
}

/** Posts a body. @throws Error if the receiver does not answer within 10 s, or refuses it */
export async function postJson({ url, headers }: WebhookTarget, body: unknown): Promise<void> {
  const request = { method: 'POST', headers, body: toJson(body), redirect: 'error' } as const
  const answer = await globalThis.fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT) }).catch(error => {
    throw new Error(describeFetchError(error))
  })
  await answer.body?.cancel()
  if (!answer.ok) throw new Error(`answered ${answer.status} ${answer.statusText}`)
}

/** Describes why a request failed: the reason is in the cause. */
export function describeFetchError(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } }
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT / SECOND} s`
  return cause?.code ?? getErrorMessage(cause ?? error)
}
