// The receiver of --otlp.
import { parseHttpTarget } from '../http-client.ts'

/** A receiver. Its secrets are in `headers`, and in the query of `url`. */
export interface OtlpTarget {
  readonly url: string
  /** the URL as it may be shown */
  readonly shownUrl: string
  readonly headers: Readonly<Record<string, string>>
}

/** Parses `--otlp`: a base URL gets the path of metrics, as OTEL_EXPORTER_OTLP_ENDPOINT does. @throws UserError */
export function parseOtlpTarget(text: string, tokenFile: string | undefined): OtlpTarget {
  const { url, headers } = parseHttpTarget(text, { option: '--otlp', example: 'http://collector:4318', tokenFile })
  if (!url.pathname.endsWith('/v1/metrics')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/metrics`
  return { url: url.href, shownUrl: `${url.origin}${url.pathname}`, headers }
}
