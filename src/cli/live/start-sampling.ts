// What live commands start with: the config file, and the live source of this node.
import { UserError } from '../../base/errors.ts'
import { sampledIds } from '../../collectors/index.ts'
import type { RetentionPolicy } from '../../recording/retention.ts'
import { sleep } from '../../sampling/clock.ts'
import { type LiveSource, openLiveSource } from '../../sampling/live-source.ts'
import { isDirectory } from '../../sampling/local-host.ts'
import { startNodeThread } from '../../sampling/node-channel.ts'
import type { NodeConfig } from '../../sampling/run-node.ts'
import type { SamplerPlan } from '../../sampling/sampler.ts'
import { createSharedThreads, type SharedThreads } from '../../sampling/shared-threads.ts'
import { type Config, listConfigPaths, readConfig } from '../config.ts'
import type { RetentionOptions, SamplingOptions } from '../shared-options.ts'
import { logToStderr } from '../stderr.ts'
import { applySettings } from '../threshold-settings.ts'

/** Milliseconds to wait at the end for a recording to be completed. */
export const STOP_TIMEOUT = 5000

/** Loads the config file and applies `--set` to it; also returns the paths where the file may be. @throws UserError */
export function loadConfig(
  explicitPath: string | undefined,
  settings: readonly string[] = [],
): { readonly config: Config; readonly configPaths: readonly string[] } {
  const configPaths = listConfigPaths(explicitPath, process.env)
  return { config: applySettings(readConfig(configPaths, explicitPath !== undefined).config, settings), configPaths }
}

/** Returns the part of the options that a recorder takes. */
export const toRetentionPolicy = ({ rotate, rotateSize, retain, maxSize }: RetentionOptions): RetentionPolicy => ({
  rotate,
  rotateSize,
  retain,
  maxSize,
})

/** What a command asks of the sampling thread. */
interface SamplingRequest {
  /** milliseconds of the session that stay in memory */
  readonly flight: number
  /** where to record, from the first reading on */
  readonly target?: string | undefined
  /** only one sample will be used */
  readonly once?: boolean
  /** intervals in place of the collectors' own, ms */
  readonly intervals?: SamplerPlan['intervals']
  /** the largest share of time that a source may take */
  readonly timeBudget?: number
  /** cgroups that are read in every sample, with those below them */
  readonly watched?: readonly string[]
  /** a lost link to another node is made again */
  readonly reconnects?: boolean
  /** threads that serve several nodes; without them the node gets a thread of its own */
  readonly threads?: SharedThreads
  /** ends the attempt to reach a node */
  readonly signal?: AbortSignal
}

const WORKER = new URL('./worker.js', import.meta.url)

/** Threads for several nodes over links. */
export const startSharedThreads = (): SharedThreads => createSharedThreads(WORKER)

/**
 * Starts sampling.
 * @throws UserError if the root cannot be read or the recording cannot be created
 */
export function startSampling(
  options: SamplingOptions & RetentionOptions,
  config: Config,
  request: SamplingRequest,
): Promise<LiveSource> {
  const { flight, target, once = false, intervals = {}, watched = [], timeBudget, reconnects = false } = request
  const { threads, signal } = request
  const [via, ...others] = options.via ?? []
  if (others.length > 0) throw new UserError('--via can be given only once here')
  if (via === undefined && !isDirectory(options.root))
    throw new UserError(`--root ${options.root} is not a readable directory`)
  const plan: NodeConfig = {
    root: options.root,
    via: via === undefined ? undefined : { command: via, reconnects, isUnattended: threads !== undefined },
    interval: options.interval ?? (config.interval ?? 1) * 1000,
    collectors: sampledIds.filter(id => options.kmsg === 'on' || id !== 'kmsg'),
    flightDuration: flight,
    once,
    intervals,
    watched,
    ...(timeBudget === undefined ? {} : { timeBudget }),
    ...(target === undefined ? {} : { record: { target, retention: toRetentionPolicy(options) } }),
    ...(target === undefined || options.iterations === undefined ? {} : { maxSamples: options.iterations }),
  }
  const channel = threads ? threads.start(plan) : startNodeThread(WORKER, plan)
  signal?.addEventListener('abort', channel.stop, { once: true })
  const source = openLiveSource(channel)
  if (via !== undefined && !threads) void logSlowStart(via, source)
  return source
}

const SLOW_START: readonly (readonly [after: number, words: (command: string) => string])[] = [
  [3000, command => `waiting for an answer over ${JSON.stringify(command)} (Ctrl-C ends)`],
  [10_000, () => 'no answer for 10 s: waiting up to 60 s for a shell to begin there, and longer once it has'],
  [30_000, () => 'no answer for 30 s: if the login shell there is fish, add sh to the command'],
]

// Until the node answers there is no screen: somebody who waits should know for what.
async function logSlowStart(command: string, source: Promise<unknown>): Promise<void> {
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  source.then(end, end)
  let waited = 0
  for (const [after, words] of SLOW_START) {
    await sleep(after - waited)
    if (isOver) return
    logToStderr(words(command))
    waited = after
  }
}
