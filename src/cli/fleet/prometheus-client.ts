// Asks Prometheus, or what answers like it (Thanos, Mimir, VictoriaMetrics). Bounded in time and bytes; no secret in a message.

import { getErrorMessage, UserError } from '../../base/errors.ts'
import { parseForeignJson } from '../../base/foreign-json.ts'
import { MiB, SECOND } from '../../base/units.ts'
import { describeFetchError, parseHttpTarget } from '../http-client.ts'

const TIMEOUT = 20 * SECOND
const MAX_BYTES = 16 * MiB // 100,000 rows; eight answers may be in memory at once

/** One server. */
export interface PrometheusClient {
  /** its URL without secrets */
  readonly shownUrl: string
  /** the answer to an instant query. @throws UserError */
  query(expression: string): Promise<unknown>
  /** the answer to a range query; seconds since 1970. @throws UserError */
  queryRange(
    expression: string,
    range: { readonly begin: number; readonly end: number; readonly step: number },
  ): Promise<unknown>
}

/** Parses a URL with an optional name and password. @param access a file with a bearer token, and further headers @throws UserError */
export function createPrometheusClient(
  text: string,
  access: { readonly tokenFile?: string; readonly header?: Readonly<Record<string, string>> } = {},
  timeout = TIMEOUT,
): PrometheusClient {
  const target = parseHttpTarget(text, {
    option: '--prometheus',
    example: 'http://prometheus:9090',
    tokenFile: access.tokenFile,
  })
  const { url } = target
  const headers = { ...target.headers, ...access.header }
  const base = `${url.origin}${url.pathname.replace(/\/$/, '')}`
  const ask = async (path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const request = { method: 'POST', headers, body: new URLSearchParams(parameters), redirect: 'error' } as const
    try {
      const answer = await globalThis.fetch(`${base}/api/v1/${path}`, {
        ...request,
        signal: AbortSignal.timeout(timeout),
      })
      return await readAnswer(answer)
    } catch (error) {
      throw error instanceof UserError ? error : new UserError(`${base}: ${describeFetchError(error, timeout)}`)
    }
  }
  return {
    shownUrl: base,
    query: expression => ask('query', { query: expression }),
    queryRange: (expression, { begin, end, step }) =>
      ask('query_range', { query: expression, start: String(begin), end: String(end), step: String(step) }),
  }
}

async function readAnswer(answer: Response): Promise<unknown> {
  if (answer.status === 401 || answer.status === 403)
    throw new UserError(
      `${answer.url}: not allowed: name and password, or --token-file, are wrong or missing${await quoteBegin(answer)}`,
    )
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_BYTES) throw new UserError(`${answer.url}: the answer has more than ${MAX_BYTES / MiB} MiB`)
    chunks.push(chunk)
  }
  try {
    return parseForeignJson(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    const what = describeOther(answer, getErrorMessage(error))
    throw new UserError(`${answer.url}: no answer of Prometheus: ${what}`)
  }
}

const MAX_QUOTED = 100 // characters of another answer

function describeOther({ ok, status, statusText, headers }: Response, parseError: string): string {
  if (!ok) return `${status} ${statusText}`
  return /html/.test(headers.get('content-type') ?? '')
    ? 'a page came: a login, or the URL of something else'
    : parseError
}

// Mimir says so that it wants a tenant. The rest of a long answer is not read.
async function quoteBegin({ body }: Response): Promise<string> {
  for await (const chunk of body ?? []) {
    const [line] = Buffer.from(chunk).toString('utf8').slice(0, MAX_QUOTED).split('\n')
    return line === '' ? '' : ` (${line})`
  }
  return ''
}
