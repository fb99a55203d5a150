// kmemtop: the live screen of this node, or, without a terminal, text for each look.
import { UserError } from '../base/errors.ts'
import { escapeControls } from '../base/text.ts'
import { createHistory } from '../history.ts'
import { runEventLoop } from '../session/session.ts'
import { createInitialState } from '../session/state.ts'
import { createStore, type Store } from '../session/store.ts'
import { yieldToEventLoop, waitAtMost } from '../sources/clock.ts'
import { isDirectory, isWritable } from '../sources/host.ts'
import { FLIGHT } from '../sources/kmem/recorder.ts'
import type { LiveSource } from '../sources/live-source.ts'
import { saveOnAlert } from './auto-save.ts'
import { writeBatches } from './batch.ts'
import { type Config, thresholdsOf } from './config.ts'
import { EXIT, endWithOutput, onEnd } from './exit.ts'
import { leanWhenLarge } from './lean.ts'
import { takeNotes } from './note-taker.ts'
import type { LiveOptions } from './options.ts'
import { penOf } from './pen.ts'
import { configOf, keepingOf, startSampling } from './sampling.ts'
import { watchSilence } from './silence.ts'

/** Bytes of output that may wait for their reader. */
const MOST_WAITING = 4 * 2 ** 20

/** Milliseconds that the end waits for a recording to be completed. */
export const PATIENCE = 5000

export async function live(given: LiveOptions): Promise<number> {
  const options: LiveOptions = given.once ? { ...given, iterations: 1 } : given
  const { saveOnAlert: directory } = options
  if (directory !== undefined && !isDirectory(directory))
    throw new UserError(`--save-on-alert ${directory} is not a directory`)
  if (directory !== undefined && !isWritable(directory))
    throw new UserError(`--save-on-alert ${directory}: no file can be made there; name a directory that can be written`)
  const { config, places } = configOf(options.config, options.set)
  const text = options.batch || options.once || options.json || !process.stdout.isTTY
  const records = options.write !== undefined || directory !== undefined
  const source = await startSampling(options, config, {
    flight: text && !records ? 0 : FLIGHT.duration,
    target: options.write,
    once: text && options.iterations === 1,
  })
  const store = createStore(createInitialState(createHistory(source.session), thresholdsOf(config)))
  source.subscribeStatus(status => store.dispatch({ type: 'recorder', status }))
  const ends = [
    takeNotes(store, source),
    leanWhenLarge(store),
    ...(directory === undefined ? [] : [saveOnAlert(directory, keepingOf(options), store, source)]),
  ]
  let code: number
  try {
    code = text ? await batch(source, store, options) : await screen(source, store, options, config, places)
  } finally {
    for (const end of ends) end()
    source.stop()
    await waitAtMost(PATIENCE, source.ended)
  }
  return text && store.get().recorder.problem !== undefined ? EXIT.usage : code
}

async function batch(source: LiveSource, store: Store, { json, iterations }: LiveOptions): Promise<number> {
  endWithOutput()
  onEnd(() => source.stop())
  tellProblems(store)
  writeBatches(store, json, iterations === 1, {
    write: words => process.stdout.write(words),
    // a look at 60,000 cgroups is 50 MB of JSON: for a slow reader they would fill the memory of this node
    isFull: () => iterations === undefined && process.stdout.writableLength > MOST_WAITING,
    leftOut: () => process.stderr.write('kmemtop: the output is not read as fast as it comes, looks are left out\n'),
  })
  await runEventLoop(source, store, iterations)
  return store.get().history.sources.meminfo?.error === undefined ? EXIT.fine : EXIT.usage
}

// A recording that was asked for and is not written any more: no text tells of it.
function tellProblems(store: Store): void {
  let told: string | undefined
  store.subscribe(() => {
    const { problem } = store.get().recorder
    if (problem !== undefined && problem !== told) process.stderr.write(`kmemtop: ${escapeControls(problem)}\n`)
    told = problem
  })
}

// The first frame waits for the first look: it takes as long as loading the screen does.
async function screen(
  source: LiveSource,
  store: Store,
  options: LiveOptions,
  config: Config,
  places: readonly string[],
): Promise<number> {
  const looked = Promise.withResolvers<void>()
  const running = runEventLoop(source, store, options.iterations, looked.resolve)
  const [{ showScreen }, { watchConfig }, { liveDeck }] = await Promise.all([
    import('./screen.tsx'),
    import('./watch-config.ts'),
    import('./live-deck.ts'),
    Promise.race([looked.promise.then(yieldToEventLoop), running]),
  ])
  const deck = liveDeck(source, store, { target: config.recordings ?? '.', retention: keepingOf(options) })
  const shown = showScreen({ store, pen: penOf(options, config), deck, askIdentity: options.root === '/' })
  await yieldToEventLoop() // the first frame is out before anything else is begun
  const unwatch = await watchConfig(places, config, options.set ?? [], store)
  const unheard = watchSilence(source.session.interval, store)
  try {
    await Promise.race([shown.waitUntilExit(), running])
  } finally {
    unheard()
    unwatch()
    deck.end()
    shown.unmount() // before any error is printed: it would go with the alternate screen
    await shown.waitUntilExit()
  }
  return EXIT.fine
}
