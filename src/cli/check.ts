// kmemtop check: a diagnosis for scripts, of this node or of a recording. Exit 0: fine; 1: a problem; 2: cannot tell.

import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore } from '../app/store.ts'
import { toJson } from '../base/json.ts'
import { createMonitorState } from '../detectors/monitor-state.ts'
import { type CheckInput, computeVerdict, formatCheck, toCheckJson, type Verdict } from '../export/check.ts'
import { createHistory } from '../history.ts'
import { AlertLog } from '../playback/alert-log.ts'
import { readSamples } from '../playback/recorded-samples.ts'
import { waitAtMost } from '../sampling/clock.ts'
import { resolveThresholds } from './config.ts'
import { EXIT, exitWhenOutputCloses, handleStopSignals } from './exit.ts'
import { STOP_TIMEOUT } from './live.ts'
import type { CheckOptions } from './options.ts'
import { trackProgress } from './progress.ts'
import { runWithRecording, writeStdout } from './recordings.ts'
import { loadConfig, startSampling } from './start-sampling.ts'

const EXIT_CODES: Readonly<Record<Verdict, number>> = { ok: EXIT.fine, problem: EXIT.findings, unknown: EXIT.usage }

/** Looks once, or for a while, or through a recording; prints, and gives the exit code. @throws UserError */
export async function runCheck(file: string | undefined, options: CheckOptions): Promise<number> {
  exitWhenOutputCloses()
  const checked = file === undefined ? await checkNode(options) : await checkRecording(file, options)
  await writeStdout(options.json ? `${toJson(toCheckJson(checked), 2)}\n` : formatCheck(checked))
  return EXIT_CODES[computeVerdict(checked)]
}

// One look is enough for levels and for what the log still holds; trends need `--for`.
async function checkNode(options: CheckOptions): Promise<CheckInput> {
  const { config } = loadConfig(options.config, options.set)
  const iterations = options.iterations ?? (options.for === undefined ? 1 : undefined)
  const source = await startSampling(options, config, { flight: 0, once: iterations === 1 })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const log = new AlertLog()
  store.subscribe(() => log.addAlerts(store.get().alerts))
  handleStopSignals(() => source.stop())
  const until = options.for
  if (until !== undefined) store.subscribe(() => store.get().history.time >= until && source.stop())
  await runEventLoop(source, store, iterations)
  await waitAtMost(STOP_TIMEOUT, source.ended)
  const { history } = store.get()
  return { history, alerts: log.listAlerts(), past: false, off: options.kmsg === 'off' ? ['kmsg'] : [] }
}

function checkRecording(file: string, options: CheckOptions): Promise<CheckInput> {
  return runWithRecording(file, options, async seeker => {
    const thresholds = seeker.replayer.thresholds
    const log = new AlertLog()
    let monitor = createMonitorState(seeker.session)
    for (const sample of trackProgress(readSamples(seeker.replayer), ({ time }) => time, seeker))
      monitor = log.applySample(monitor, sample, thresholds)
    return {
      history: monitor.history,
      alerts: log.listAlerts(),
      past: true,
      off: [],
      damage: seeker.replayer.describeDamage(),
    }
  })
}
