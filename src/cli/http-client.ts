// What requests to other servers have in common: a URL with an optional name and password, a token file, and words for failures.
import { getErrorMessage, UserError } from '../base/errors.ts'
import { KiB, SECOND } from '../base/units.ts'
import { readSmallFile } from './read-small-file.ts'

const MAX_TOKEN_FILE = 16 * KiB

/** A server. Its secrets are in `headers` only, and in the query of `url`. */
export interface HttpTarget {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** Parses the URL of an option. @throws UserError without showing the URL's secrets */
export function parseHttpTarget(
  text: string,
  {
    option,
    example,
    tokenFile,
  }: { readonly option: string; readonly example: string; readonly tokenFile?: string | undefined },
): HttpTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new UserError(`${option}: expected a URL like ${example}`)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const credentials = `${decodePart(username, option)}:${decodePart(password, option)}`
  const basic = username === '' ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`
  const authorization = tokenFile === undefined ? basic : `Bearer ${readToken(tokenFile)}`
  return { url, headers: authorization === undefined ? {} : { authorization } }
}

function decodePart(text: string, option: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new UserError(
      `${option}: a % in the name or password is not followed by two hexadecimal digits; write it as %25`,
    )
  }
}

/** Reads a file that holds one secret. @throws UserError */
export function readToken(file: string): string {
  try {
    const token = readSmallFile(file, MAX_TOKEN_FILE).toString('utf8').trim()
    if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${getErrorMessage(error)}`)
  }
  throw new UserError(`${file}: expected one token of printable characters`)
}

/** Describes why a request failed: the reason is in the cause. @param timeout ms after which it was given up */
export function describeFetchError(error: unknown, timeout: number): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: string } }
  if (name === 'TimeoutError') return `no answer within ${timeout / SECOND} s`
  return cause?.code ?? getErrorMessage(cause ?? error)
}
