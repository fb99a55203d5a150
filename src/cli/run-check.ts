// Runs `kmemtop check`: a diagnosis for scripts, of this node or of a recording. Exit 0: ok; 1: problem; 2: unknown.

import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { toJson } from '../base/json.ts'
import {
  type CheckInput,
  computeVerdict,
  formatCheck,
  formatVerdict,
  toCheckJson,
  type Verdict,
} from '../export/check.ts'
import { createHistory } from '../history.ts'
import { AlertLog } from '../playback/alert-log.ts'
import { waitAtMost } from '../sampling/clock.ts'
import type { LiveSource } from '../sampling/live-source.ts'
import type { CheckOptions } from './commands/check.ts'
import { resolveThresholds } from './config.ts'
import { EXIT, exitWhenOutputCloses, handleStopSignals } from './exit.ts'
import { requestSurveys, surveyOpenAlerts } from './live/request-surveys.ts'
import { limitFirstSample } from './live/stall-watchdog.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from './live/start-sampling.ts'
import { replayWithProgress, runWithRecording, writeStdout } from './recordings/recordings.ts'

const EXIT_CODES: Readonly<Record<Verdict, number>> = { ok: EXIT.ok, problem: EXIT.findings, unknown: EXIT.unknown }

/** Checks this node once or for a while, or a whole recording, and returns the exit code. @throws UserError */
export async function runCheck(file: string | undefined, options: CheckOptions): Promise<number> {
  exitWhenOutputCloses()
  const checked = file === undefined ? await checkNode(options) : await checkRecording(file, options)
  await writeStdout(formatOutput(checked, options))
  return EXIT_CODES[computeVerdict(checked)]
}

function formatOutput(checked: CheckInput, { json, brief }: CheckOptions): string {
  if (json) return `${toJson(toCheckJson(checked), 2)}\n`
  return brief ? `${formatVerdict(checked)}\n` : formatCheck(checked)
}

// One sample is enough for levels and for what the kernel log still holds; trends need `--for`.
async function checkNode(options: CheckOptions): Promise<CheckInput> {
  const { config } = loadConfig(options.config, options.set)
  const iterations = options.iterations ?? (options.for === undefined ? 1 : undefined)
  const source = await startSampling(options, config, { flight: 0, once: iterations === 1 })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const log = new AlertLog()
  store.subscribe(() => log.addAlerts(store.get().alerts))
  source.subscribeLink(link => store.dispatch({ type: 'link', link }))
  handleStopSignals(() => source.stop())
  limitFirstSample(source, store)
  const until = options.for
  if (until !== undefined) requestSurveys(store, source)
  await runWithSurveys(source, store, { iterations, until })
  await waitAtMost(STOP_TIMEOUT, source.ended)
  const { history } = store.get()
  return { history, alerts: log.listAlerts(), past: false, off: options.kmsg === 'off' ? ['kmsg'] : [] }
}

// After the last sample: who holds the memory of what was found.
async function runWithSurveys(
  source: LiveSource,
  store: Store,
  { iterations, until }: { readonly iterations: number | undefined; readonly until: number | undefined },
): Promise<void> {
  let isLast = false
  await runEventLoop(source, store, undefined, sampleCount => {
    const isEnd =
      sampleCount >= (iterations ?? Number.POSITIVE_INFINITY) ||
      store.get().history.time >= (until ?? Number.POSITIVE_INFINITY)
    if (isLast || !isEnd) return
    isLast = true
    void surveyOpenAlerts(store, source).then(() => source.stop())
  })
}

function checkRecording(file: string, options: CheckOptions): Promise<CheckInput> {
  return runWithRecording(file, options, async seeker => {
    const log = new AlertLog()
    let history = createHistory(seeker.session)
    for (const { monitor } of replayWithProgress(seeker, log)) history = monitor.history
    return {
      history,
      alerts: log.listAlerts(seeker.replayer.summaryAlerts),
      past: true,
      off: [],
      damage: seeker.replayer.describeDamage(),
    }
  })
}
