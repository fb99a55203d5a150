// kmemtop serve: metrics of this node for Prometheus.
import { InvalidArgumentError, Option } from 'commander'
import { type SamplingOptions, samplingOptions } from '../shared-options.ts'
import type { CommandDefinition } from './command.ts'

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

export interface ServeOptions extends SamplingOptions {
  readonly listen: ListenAddress
}

/** Parses `9754`, `127.0.0.1:9754`, `:9754` (every address) or `[::1]:9754`. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:.]+\]|[^:[\]]*):)?(\d{1,5})$/i.exec(text)
  const port = Number(match?.[2])
  if (!match || port > 65_535)
    throw new InvalidArgumentError('expected an address and a port, like 127.0.0.1:9754 or :9754.')
  const host = match[1] === undefined ? DEFAULT_HOST : match[1].replace(/^\[|\]$/g, '') || '::'
  return { host, port }
}

const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 9754

export const serveCommand: CommandDefinition = {
  name: 'serve',
  description: 'serve metrics of this node to Prometheus (OpenMetrics)',
  options: [
    ...samplingOptions,
    new Option('--listen <address>', 'address and port; :9754 is every address')
      .default({ host: DEFAULT_HOST, port: DEFAULT_PORT }, `${DEFAULT_HOST}:${DEFAULT_PORT}`)
      .argParser(parseListen),
  ],
  run: async (_files, options: ServeOptions) => (await import('../run-serve.ts')).runServe(options),
}
