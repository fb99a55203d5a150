// Who may ask, and over TLS or not: the web-config file of the Prometheus exporters, and a bearer token.
// https://prometheus.io/docs/prometheus/latest/configuration/https/
import { hash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { SecureVersion } from 'node:tls'
import * as v from 'valibot'
import { parse } from 'yaml'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { KiB } from '../../base/units.ts'
import { readToken } from '../http-client.ts'
import type { ListenOptions } from './listen-options.ts'
import { createPasswordCheck } from './password-check.ts'

/** Decides over requests. `tls` is read again where its files may have changed. */
export interface WebAccess {
  readonly tls: (() => TlsSettings) | undefined
  /** whether a request with this Authorization header is let in; undefined: too many checks are running */
  authorize(header: string | undefined): Promise<boolean | undefined>
  /** schemes for WWW-Authenticate */
  readonly schemes: readonly string[]
}

/** What node:https takes. */
export interface TlsSettings {
  readonly key: Buffer
  readonly cert: Buffer
  readonly ca?: Buffer
  readonly requestCert: boolean
  readonly rejectUnauthorized: boolean
  readonly minVersion: SecureVersion
}

const TLS_VERSIONS = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const
const CLIENT_AUTH = ['NoClientCert', 'RequireAndVerifyClientCert', 'VerifyClientCertIfGiven'] as const

const webConfigSchema = v.strictObject({
  tls_server_config: v.optional(
    v.strictObject({
      cert_file: v.string(),
      key_file: v.string(),
      client_ca_file: v.optional(v.string()),
      client_auth_type: v.optional(v.picklist(CLIENT_AUTH)),
      min_version: v.optional(v.picklist(['TLS12', 'TLS13'])),
    }),
  ),
  basic_auth_users: v.optional(
    v.record(v.string(), v.pipe(v.string(), v.regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, 'expected a bcrypt hash'))),
  ),
})
type WebConfig = v.InferOutput<typeof webConfigSchema>

const MAX_SIZE = 256 * KiB

/** Reads what `--web-config` and `--web-token-file` say. @throws UserError naming file and field */
export function createAccess({
  webConfig,
  webTokenFile,
}: Pick<ListenOptions, 'webConfig' | 'webTokenFile'>): WebAccess {
  const { tls_server_config: tls, basic_auth_users: users } = webConfig === undefined ? {} : readWebConfig(webConfig)
  const readTls = tls && (() => readTlsFiles(dirname(webConfig!), tls))
  readTls?.() // a missing certificate ends the start, not the first request
  const token = webTokenFile === undefined ? undefined : readToken(webTokenFile)
  const checkPassword = users && createPasswordCheck(users)
  const isOpen = token === undefined && users === undefined
  return {
    tls: readTls,
    schemes: [...(users ? ['Basic realm="kmemtop"'] : []), ...(token === undefined ? [] : ['Bearer'])],
    authorize: async header => {
      if (isOpen) return true
      const [scheme = '', credentials = ''] = (header ?? '').split(' ', 2)
      if (/^bearer$/i.test(scheme)) return token !== undefined && isSameSecret(credentials, token)
      return /^basic$/i.test(scheme) && checkPassword !== undefined ? checkPassword(credentials) : false
    },
  }
}

// In a time that does not depend on where they differ.
const isSameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

function readWebConfig(file: string): WebConfig {
  const result = v.safeParse(webConfigSchema, parseYaml(file))
  if (result.success) return result.output
  const [{ message, path }] = result.issues
  const field = path?.map(({ key }) => String(key)).join('.') ?? 'the file'
  throw new UserError(`--web-config ${file}: ${field}: ${message}`)
}

function parseYaml(file: string): unknown {
  try {
    const { size } = statSync(file)
    if (size > MAX_SIZE) throw new Error(`it has ${size} bytes, at most ${MAX_SIZE} are read`)
    return parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 }) ?? {}
  } catch (error) {
    throw new UserError(`--web-config ${file}: ${getErrorMessage(error)}`)
  }
}

function readTlsFiles(folder: string, tls: NonNullable<WebConfig['tls_server_config']>): TlsSettings {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(resolve(folder, path))
    } catch (error) {
      throw new UserError(`--web-config: cannot read ${path}: ${getErrorMessage(error)}`)
    }
  }
  const { cert_file, key_file, client_ca_file, client_auth_type = 'NoClientCert', min_version = 'TLS12' } = tls
  return {
    key: read(key_file),
    cert: read(cert_file),
    ...(client_ca_file === undefined ? {} : { ca: read(client_ca_file) }),
    requestCert: client_auth_type !== 'NoClientCert',
    rejectUnauthorized: client_auth_type === 'RequireAndVerifyClientCert',
    minVersion: TLS_VERSIONS[min_version],
  }
}
