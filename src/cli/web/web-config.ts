// Reads the web-config file of the Prometheus exporters: https://prometheus.io/docs/prometheus/latest/configuration/https/
import { dirname, resolve } from 'node:path'
import type { SecureVersion } from 'node:tls'
import * as v from 'valibot'
import { parse } from 'yaml'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { KiB, MiB } from '../../base/units.ts'
import { readSmallFile } from '../read-small-file.ts'

/** What node:https takes. */
export interface TlsSettings {
  readonly key: Buffer
  readonly cert: Buffer
  readonly ca?: Buffer
  readonly requestCert: boolean
  readonly rejectUnauthorized: boolean
  readonly minVersion: SecureVersion
}

/** What the file says, with the contents of the files it names. */
export interface WebSettings {
  readonly tls?: TlsSettings
  /** bcrypt hashes by user name */
  readonly users?: Readonly<Record<string, string>>
  /** the files that were read; where one of them changes, so may the settings */
  readonly files: readonly string[]
  /** those of them that nobody else should read */
  readonly secretFiles: readonly string[]
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
/** Bytes of a key or of certificates: a bundle of all authorities has 250 KiB. */
const MAX_TLS_FILE = 4 * MiB

/** Reads the file and those it names. @throws UserError naming file and field */
export function readWebConfig(file: string): WebSettings {
  const { tls_server_config: tls, basic_auth_users: users } = parseWebConfig(file)
  const named = tls
    ? [tls.cert_file, tls.key_file, ...(tls.client_ca_file === undefined ? [] : [tls.client_ca_file])]
    : []
  return {
    ...(tls ? { tls: readTlsFiles(dirname(file), tls) } : {}),
    ...(users ? { users } : {}),
    files: [file, ...named.map(path => resolve(dirname(file), path))],
    secretFiles: tls ? [resolve(dirname(file), tls.key_file)] : [],
  }
}

function parseWebConfig(file: string): WebConfig {
  const result = v.safeParse(webConfigSchema, parseYaml(file))
  if (result.success) return result.output
  const [{ message, path }] = result.issues
  const field = path?.map(({ key }) => String(key)).join('.') ?? 'the file'
  throw new UserError(`--web-config ${file}: ${field}: ${message}`)
}

function parseYaml(file: string): unknown {
  try {
    return parse(readSmallFile(file, MAX_SIZE).toString('utf8'), { maxAliasCount: 0 }) ?? {}
  } catch (error) {
    throw new UserError(`--web-config ${file}: ${getErrorMessage(error)}`)
  }
}

function readTlsFiles(folder: string, tls: NonNullable<WebConfig['tls_server_config']>): TlsSettings {
  const read = (path: string): Buffer => {
    try {
      return readSmallFile(resolve(folder, path), MAX_TLS_FILE)
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
