// kmemtop record: samples into a file, without a screen. Says on stderr what happens: alerts, and when it cannot go on.

import { formatBytes } from '../base/format.ts'
import { escapeControls } from '../base/text.ts'
import { createHistory } from '../history.ts'
import { findChangedAlerts } from '../session/notes.ts'
import { runEventLoop } from '../session/session.ts'
import { createInitialState } from '../session/state.ts'
import { createStore, type Store } from '../session/store.ts'
import { waitAtMost } from '../sources/clock.ts'
import type { RecorderStatus } from '../sources/kmem/recorder.ts'
import { thresholdsOf } from './config.ts'
import { EXIT, onEnd } from './exit.ts'
import { leanWhenLarge } from './lean.ts'
import { PATIENCE } from './live.ts'
import { takeNotes } from './note-taker.ts'
import type { RecordOptions } from './options.ts'
import { configOf, startSampling } from './sampling.ts'

export async function record(options: RecordOptions): Promise<number> {
  const { config } = configOf(options.config, options.set)
  const source = await startSampling(options, config, { flight: 0, target: options.output })
  const store = createStore(createInitialState(createHistory(source.session), thresholdsOf(config)))
  const say = (text: string): void => void process.stderr.write(`kmemtop: ${escapeControls(text)}\n`)
  let status: RecorderStatus = {}
  source.subscribeStatus(next => {
    if (!options.quiet && next.file && next.file.path !== status.file?.path) say(`recording into ${next.file.path}`)
    if (next.problem !== undefined && next.problem !== status.problem) say(next.problem)
    status = next
    if (!next.file) source.stop() // nothing is written any more: there is nothing to stay for
  })
  takeNotes(store, source)
  leanWhenLarge(store)
  if (!options.quiet) tellAlerts(store, say)
  onEnd(() => source.stop())
  const until = options.for
  if (until !== undefined) store.subscribe(() => store.get().history.time >= until && source.stop())
  await runEventLoop(source, store, options.iterations)
  await waitAtMost(PATIENCE, source.ended)
  if (!options.quiet && status.finished !== undefined) say(`recorded ${status.finished}${sizeOf(status)}`)
  return status.problem === undefined ? EXIT.fine : EXIT.usage
}

const sizeOf = ({ written }: RecorderStatus): string => (written === undefined ? '' : `, ${formatBytes(written)}`)

function tellAlerts(store: Store, say: (text: string) => void): void {
  let { alerts } = store.get()
  store.subscribe(() => {
    const now = store.get().alerts
    for (const { title, summary, resolvedAt } of findChangedAlerts(alerts, now))
      say(resolvedAt === undefined ? `${title}  ${summary}` : `over: ${title}`)
    alerts = now
  })
}
