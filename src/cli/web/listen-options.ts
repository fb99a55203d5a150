// The options of what listens: its address, and who may ask.
import { InvalidArgumentError, Option } from 'commander'

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Where to listen, and who may ask. */
export interface ListenOptions {
  readonly listen: ListenAddress
  /** a file in the format of the Prometheus exporters: TLS and passwords */
  readonly webConfig?: string
  readonly webTokenFile?: string
}

const DEFAULT_HOST = '127.0.0.1'
/** The port of `serve` and `agent`, if `--listen` gives none. */
export const DEFAULT_PORT = 9754

/** Parses `9754`, `127.0.0.1:9754`, `:9754` (every address) or `[::1]:9754`. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:[\]]*):)?(\d{1,5})$/i.exec(text)
  const port = Number(match?.[2])
  if (!match || port > 65_535)
    throw new InvalidArgumentError('expected an address and a port, like 127.0.0.1:9754 or :9754.')
  const host = match[1] === undefined ? DEFAULT_HOST : match[1].replace(/^\[|\]$/g, '') || '::'
  return { host, port }
}

/** The options of `ListenOptions`. */
export const listenOptions: readonly Option[] = [
  new Option('--listen <address>', 'address and port of the metrics; :9754 is every address')
    .default({ host: DEFAULT_HOST, port: DEFAULT_PORT }, `${DEFAULT_HOST}:${DEFAULT_PORT}`)
    .argParser(parseListen),
  new Option('--web-config <file>', 'TLS and passwords, in the web-config format of the Prometheus exporters'),
  new Option('--web-token-file <file>', 'file with a bearer token that requests must have'),
]
