// Runs `kmemtop record`: samples into a file, without a screen. Alerts and problems go to stderr.

import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { formatBytes } from '../base/format.ts'
import { findNews } from '../detectors/alert-news.ts'
import { createHistory } from '../history.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import { createSystemClock, repeatEvery, waitAtMost } from '../sampling/clock.ts'
import type { LiveSource } from '../sampling/live-source.ts'
import type { LinkStatus } from '../sampling/via/link-status.ts'
import { startAppLogs } from './app-logs.ts'
import type { RecordOptions } from './commands/record.ts'
import { resolveThresholds } from './config.ts'
import { EXIT, handleStopSignals } from './exit.ts'
import { watchMarks } from './mark-file.ts'
import { sendSummaries } from './recording-summary.ts'
import { requestSurveys } from './request-surveys.ts'
import { shrinkHeapWhenLarge } from './shrink-heap.ts'
import { logStalls } from './stall-watchdog.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from './start-sampling.ts'
import { logToStderr } from './stderr.ts'

export async function runRecord(options: RecordOptions): Promise<number> {
  const { config } = loadConfig(options.config, options.set)
  const source = await startSampling(options, config, { flight: 0, target: options.output, reconnects: true })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  let status: RecorderStatus = {}
  source.subscribeStatus(next => {
    if (!options.quiet && next.file && next.file.path !== status.file?.path)
      logToStderr(`recording into ${next.file.path}`)
    if (next.problem !== undefined && next.problem !== status.problem) logToStderr(next.problem)
    status = next
    if (!next.file) source.stop() // nothing is written any more
  })
  if (!options.quiet) source.subscribeLink(createLinkLogger())
  sendSummaries(store, source)
  requestSurveys(store, source)
  shrinkHeapWhenLarge(store)
  if (!options.quiet) logAlerts(store)
  const stopMarks = await watchMarks(options, text => source.sendCommand({ type: 'mark', text }))
  const stopLogs = await startAppLogs(options, source)
  handleStopSignals(() => source.stop())
  logStalls(source, store)
  const until = options.for
  if (until !== undefined) stopAt(until, store, source)
  await runEventLoop(source, store, options.iterations)
  stopMarks()
  stopLogs()
  await waitAtMost(STOP_TIMEOUT, source.ended)
  if (!options.quiet && status.finished !== undefined) logToStderr(`recorded ${status.finished}${formatSize(status)}`)
  return status.problem === undefined ? EXIT.ok : EXIT.usage
}

const MAX_WAIT_AT_END = 5000 // ms that a node which does not answer is waited for

// The last sample decides; of a node that does not answer any more, the clock.
function stopAt(until: number, store: Store, source: LiveSource): void {
  store.subscribe(() => store.get().history.time >= until && source.stop())
  const clock = createSystemClock()
  repeatEvery(1000, () => clock.now() >= until + MAX_WAIT_AT_END && source.stop())
}

function createLinkLogger(): (link: LinkStatus) => void {
  let last: LinkStatus['state'] = 'up'
  let isMissingLogged = false
  let lastReboot: number | undefined
  return ({ state, problem, command, missing, rebootedAt }) => {
    if (!isMissingLogged) for (const text of missing) logToStderr(`${command}: ${text}`)
    isMissingLogged = true
    if (rebootedAt !== lastReboot)
      logToStderr(`${command}: the node was rebooted; the recording continues with its new boot`)
    lastReboot = rebootedAt
    if (state === 'down' && last !== 'down') logToStderr(`${command}: link down, reconnecting: ${problem ?? ''}`)
    if (state === 'up' && last === 'down') logToStderr(`${command}: connected again`)
    last = state
  }
}

const formatSize = ({ written }: RecorderStatus): string => (written === undefined ? '' : `, ${formatBytes(written)}`)

function logAlerts(store: Store): void {
  let { alerts } = store.get()
  store.subscribe(() => {
    const now = store.get().alerts
    for (const { title, summary, resolvedAt } of findNews(alerts, now))
      logToStderr(resolvedAt === undefined ? `${title}  ${summary}` : `over: ${title}`)
    alerts = now
  })
}
