// Who may ask, and over TLS or not. The files are read again where they changed: certificates are renewed, passwords replaced.
import { hash, timingSafeEqual } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { tryStat } from '../../recording/try-stat.ts'
import { readToken } from '../http-client.ts'
import type { ListenOptions } from './listen-options.ts'
import { createPasswordCheck, type PasswordCheck } from './password-check.ts'
import { readWebConfig, type TlsSettings, type WebSettings } from './web-config.ts'

/** Decides over requests. */
export interface WebAccess {
  /** absent: no TLS */
  readonly tls: TlsSettings | undefined
  /** whether a request with this Authorization header is let in; undefined: too many checks are running */
  authorize(header: string | undefined): Promise<boolean | undefined>
  /** schemes for WWW-Authenticate */
  readonly schemes: readonly string[]
  /** the files that this was read from */
  readonly files: readonly string[]
  /** their times and sizes as they were read: equal to `describeFiles` while none was changed */
  readonly version: string
  /** those that nobody else should read */
  readonly secretFiles: readonly string[]
}

/** The options that name the files. */
export type AccessOptions = Pick<ListenOptions, 'webConfig' | 'webTokenFile'>

/** Reads what `--web-config` and `--web-token-file` say. @throws UserError naming file and field */
export function createAccess({ webConfig, webTokenFile }: AccessOptions): WebAccess {
  const tokenFiles = webTokenFile === undefined ? [] : [webTokenFile]
  const settings: WebSettings = webConfig === undefined ? { files: [], secretFiles: [] } : readWebConfig(webConfig)
  const files = [...settings.files, ...tokenFiles]
  const version = describeFiles(files)
  const { tls, users } = settings
  if (tls) checkTls(tls)
  const token = webTokenFile === undefined ? undefined : readToken(webTokenFile)
  const checkPassword = users && createPasswordCheck(users)
  return {
    tls,
    schemes: [...(users ? ['Basic realm="kmemtop"'] : []), ...(token === undefined ? [] : ['Bearer'])],
    authorize: createAuthorization(token, checkPassword),
    files,
    version,
    secretFiles: [...settings.secretFiles, ...tokenFiles],
  }
}

function createAuthorization(
  token: string | undefined,
  checkPassword: PasswordCheck | undefined,
): WebAccess['authorize'] {
  const isOpen = token === undefined && checkPassword === undefined
  return async header => {
    if (isOpen) return true
    const [scheme = '', credentials = ''] = (header ?? '').split(' ', 2)
    if (/^bearer$/i.test(scheme)) return token !== undefined && isSameSecret(credentials, token)
    return /^basic$/i.test(scheme) && checkPassword !== undefined ? checkPassword(credentials) : false
  }
}

// In a time that does not depend on where they differ.
const isSameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

// A certificate without its key ends the start, and is not taken while it is being renewed.
function checkTls(tls: TlsSettings): void {
  try {
    createSecureContext(tls)
  } catch (error) {
    throw new UserError(`--web-config: ${getErrorMessage(error)}`)
  }
}

/** Returns a text that changes when one of these files does. A file that is missing is one that changed. */
export const describeFiles = (files: readonly string[]): string =>
  files
    .map(file => {
      const { mtimeMs, size, ino } = tryStat(file) ?? {}
      return `${file} ${ino} ${mtimeMs} ${size}`
    })
    .join('\n')
