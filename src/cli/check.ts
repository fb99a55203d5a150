// kmemtop check: a diagnosis for scripts, of this node or of a recording. Exit 0: fine; 1: a problem; 2: cannot tell.

import { toJson } from '../base/text.ts'
import { createMonitorState } from '../detectors/watch.ts'
import { type CheckInput, toCheckJson, formatCheck, type Verdict, computeVerdict } from '../export/check.ts'
import { createHistory } from '../history.ts'
import { AlertLog } from '../session/alert-log.ts'
import { readSamples } from '../session/looks.ts'
import { runEventLoop } from '../session/session.ts'
import { createInitialState } from '../session/state.ts'
import { createStore } from '../session/store.ts'
import { waitAtMost } from '../sources/clock.ts'
import { thresholdsOf } from './config.ts'
import { EXIT, endWithOutput, onEnd } from './exit.ts'
import { PATIENCE } from './live.ts'
import type { CheckOptions } from './options.ts'
import { withProgress } from './progress.ts'
import { withReel, write } from './recordings.ts'
import { configOf, startSampling } from './sampling.ts'

const CODES: Readonly<Record<Verdict, number>> = { ok: EXIT.fine, problem: EXIT.findings, unknown: EXIT.usage }

/** Looks once, or for a while, or through a recording; prints, and gives the exit code. @throws UserError */
export async function check(file: string | undefined, options: CheckOptions): Promise<number> {
  endWithOutput()
  const checked = file === undefined ? await checkNode(options) : await checkRecording(file, options)
  await write(options.json ? `${toJson(toCheckJson(checked), 2)}\n` : formatCheck(checked))
  return CODES[computeVerdict(checked)]
}

// One look is enough for levels and for what the log still holds; trends need `--for`.
async function checkNode(options: CheckOptions): Promise<CheckInput> {
  const { config } = configOf(options.config, options.set)
  const looks = options.iterations ?? (options.for === undefined ? 1 : undefined)
  const source = await startSampling(options, config, { flight: 0, once: looks === 1 })
  const store = createStore(createInitialState(createHistory(source.session), thresholdsOf(config)))
  const log = new AlertLog()
  store.subscribe(() => log.addAlerts(store.get().alerts))
  onEnd(() => source.stop())
  const until = options.for
  if (until !== undefined) store.subscribe(() => store.get().history.time >= until && source.stop())
  await runEventLoop(source, store, looks)
  await waitAtMost(PATIENCE, source.ended)
  const { history } = store.get()
  return { history, alerts: log.listAlerts(), past: false, off: options.kmsg === 'off' ? ['kmsg'] : [] }
}

function checkRecording(file: string, options: CheckOptions): Promise<CheckInput> {
  return withReel(file, options, async reel => {
    const limits = reel.replayer.thresholds
    const log = new AlertLog()
    let watch = createMonitorState(reel.session)
    for (const look of withProgress(readSamples(reel.replayer), ({ time }) => time, reel))
      watch = log.applySample(watch, look, limits)
    return { history: watch.history, alerts: log.listAlerts(), past: true, off: [], damage: reel.replayer.describeDamage() }
  })
}
