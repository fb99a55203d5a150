// Runs `kmemtop agent`, `record` and `serve`: samples the node without a screen, and does beside it what the options say.
import { runEventLoop } from '../../app/event-loop.ts'
import { createInitialState } from '../../app/state.ts'
import { createStore, type Store } from '../../app/store.ts'
import { createHistory } from '../../history.ts'
import { createSystemClock, repeatEvery, waitAtMost } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { AgentOptions } from '../commands/agent.ts'
import { resolveThresholds } from '../config.ts'
import { EXIT, handleStopSignals } from '../exit.ts'
import { watchMarks } from '../live/mark-file.ts'
import { sendSummaries } from '../live/recording-summary.ts'
import { requestSurveys } from '../live/request-surveys.ts'
import { logStalls } from '../live/stall-watchdog.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from '../live/start-sampling.ts'
import { startAppLogs } from '../load/app-logs.ts'
import { lowerOomScore } from '../protect-process.ts'
import { shrinkHeapWhenLarge } from '../shrink-heap.ts'
import { logToStderr } from '../stderr.ts'
import type { ListenOptions } from '../web/listen-options.ts'
import { checkTargets } from './check-targets.ts'
import { followRecorder } from './follow-recorder.ts'
import { logAlerts, logLink } from './log-news.ts'

/** Runs until a signal, the last sample, or the end of a recording that was all there was to do. @throws UserError */
export async function runAgent(options: AgentOptions): Promise<number> {
  const { config } = loadConfig(options.config, options.set)
  const { output: target, quiet, listen } = options
  await checkTargets(options)
  const plan = { flight: 0, reconnects: true, ...(target === undefined ? {} : { target }) }
  const source = await startSampling(options, config, plan)
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const recorder = followRecorder(options, source, store)
  let stall: string | undefined
  const stopServing = listen ? await startServing({ ...options, listen }, store, () => stall) : () => {}
  const finishHooks = await startWantedHooks(options, store)
  const finishPushing = await startPushing(options, store)
  const unprotected = options.via ? undefined : lowerOomScore()
  if (!quiet && unprotected !== undefined) logToStderr(unprotected)
  if (!quiet) logLink(source)
  if (!quiet && target !== undefined) logAlerts(store)
  if (target !== undefined) sendSummaries(store, source)
  requestSurveys(store, source)
  shrinkHeapWhenLarge(store)
  const stopMarks =
    target === undefined ? () => {} : await watchMarks(options, text => source.sendCommand({ type: 'mark', text }))
  const stopLogs = await startAppLogs(options, source)
  handleStopSignals(() => source.stop())
  logStalls(source, store, text => {
    stall = text
  })
  if (options.for !== undefined) stopAt(options.for, store, source)
  await runEventLoop(source, store, options.iterations)
  stopMarks()
  stopLogs()
  stopServing()
  await Promise.all([waitAtMost(STOP_TIMEOUT, source.ended), finishHooks(), finishPushing()])
  return recorder.finish() ? EXIT.ok : EXIT.usage
}

// Loaded where they are wanted: a recorder needs neither a server nor a client.
async function startServing(
  options: AgentOptions & ListenOptions,
  store: Store,
  describeStall: () => string | undefined,
): Promise<() => void> {
  const { serveMetrics } = await import('../web/serve-metrics.ts')
  return serveMetrics(options, store, describeStall)
}

async function startWantedHooks(options: AgentOptions, store: Store): Promise<() => Promise<void>> {
  const { onAlert, webhook, events = false } = options
  if (onAlert === undefined && webhook === undefined && !events) return async () => {}
  const { startHooks } = await import('../hooks/start-hooks.ts')
  return startHooks(options, store)
}

async function startPushing(options: AgentOptions, store: Store): Promise<() => Promise<void>> {
  const { otlp } = options
  if (otlp === undefined) return async () => {}
  const { startOtlp } = await import('../otlp/start-otlp.ts')
  return startOtlp({ ...options, otlp }, store)
}

const MAX_WAIT_AT_END = 5000 // ms that a node which does not answer is waited for

// The last sample decides; of a node that does not answer any more, the clock.
function stopAt(until: number, store: Store, source: LiveSource): void {
  store.subscribe(() => store.get().history.time >= until && source.stop())
  const clock = createSystemClock()
  repeatEvery(1000, () => clock.now() >= until + MAX_WAIT_AT_END && source.stop())
}
