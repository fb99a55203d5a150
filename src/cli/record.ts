// kmemtop record: samples into a file, without a screen. Says on stderr what happens: alerts, and when it cannot go on.

import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { formatBytes } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import { createHistory } from '../history.ts'
import type { RecorderStatus } from '../recording/recorder.ts'
import { findChangedAlerts } from '../recording/summary-builder.ts'
import { waitAtMost } from '../sampling/clock.ts'
import { resolveThresholds } from './config.ts'
import { EXIT, handleStopSignals } from './exit.ts'
import { STOP_TIMEOUT } from './live.ts'
import type { RecordOptions } from './options.ts'
import { sendSummaries } from './recording-summary.ts'
import { shrinkHeapWhenLarge } from './shrink-heap.ts'
import { loadConfig, startSampling } from './start-sampling.ts'

export async function runRecord(options: RecordOptions): Promise<number> {
  const { config } = loadConfig(options.config, options.set)
  const source = await startSampling(options, config, { flight: 0, target: options.output })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const logLine = (text: string): void => void process.stderr.write(`kmemtop: ${escapeControls(text)}\n`)
  let status: RecorderStatus = {}
  source.subscribeStatus(next => {
    if (!options.quiet && next.file && next.file.path !== status.file?.path) logLine(`recording into ${next.file.path}`)
    if (next.problem !== undefined && next.problem !== status.problem) logLine(next.problem)
    status = next
    if (!next.file) source.stop() // nothing is written any more: there is nothing to stay for
  })
  sendSummaries(store, source)
  shrinkHeapWhenLarge(store)
  if (!options.quiet) logAlerts(store, logLine)
  handleStopSignals(() => source.stop())
  const until = options.for
  if (until !== undefined) store.subscribe(() => store.get().history.time >= until && source.stop())
  await runEventLoop(source, store, options.iterations)
  await waitAtMost(STOP_TIMEOUT, source.ended)
  if (!options.quiet && status.finished !== undefined) logLine(`recorded ${status.finished}${formatSize(status)}`)
  return status.problem === undefined ? EXIT.fine : EXIT.usage
}

const formatSize = ({ written }: RecorderStatus): string => (written === undefined ? '' : `, ${formatBytes(written)}`)

function logAlerts(store: Store, logLine: (text: string) => void): void {
  let { alerts } = store.get()
  store.subscribe(() => {
    const now = store.get().alerts
    for (const { title, summary, resolvedAt } of findChangedAlerts(alerts, now))
      logLine(resolvedAt === undefined ? `${title}  ${summary}` : `over: ${title}`)
    alerts = now
  })
}
