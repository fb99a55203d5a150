// Runs kmemtop without a command: the live screen of this node, or text for each sample without a terminal.

import { runEventLoop } from '../../app/event-loop.ts'
import { createInitialState } from '../../app/state.ts'
import { createStore, type Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import { MiB } from '../../base/units.ts'
import { createHistory } from '../../history.ts'
import { FLIGHT } from '../../recording/recorder.ts'
import { sleep, waitAtMost, yieldToEventLoop } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { isDirectory, isWritable } from '../../sampling/local-host.ts'
import type { LinkStatus } from '../../sampling/via/link/link-status.ts'
import type { LiveOptions } from '../commands/live.ts'
import { type Config, resolveThresholds } from '../config.ts'
import { EXIT, handleStopSignals, stopWhenOutputCloses } from '../exit.ts'
import { checkAppLogs, startAppLogs } from '../load/app-logs.ts'
import { lowerOomScore } from '../protect-process.ts'
import { shrinkHeapWhenLarge } from '../shrink-heap.ts'
import { logToStderr } from '../stderr.ts'
import type { OpeningFrame } from '../terminal/opening-frame.ts'
import { buildLightPen, buildPen } from '../terminal/pen.ts'
import { openTerminalKeys } from '../terminal/terminal-keys.ts'
import { isDumbTerminal, isLinear } from '../terminal/terminal-type.ts'
import { writeBatches } from './batch.ts'
import { followWithSignals, openAlertMemory } from './live-session.ts'
import { checkMarkFile, watchMarksLater } from './mark-file.ts'
import { sendSummaries } from './recording-summary.ts'
import { requestSurveys } from './request-surveys.ts'
import { saveOnAlert } from './save-on-alert.ts'
import { limitFirstSample, logStalls, watchForStalls } from './stall-watchdog.ts'
import { loadConfig, STOP_TIMEOUT, startSampling, toRetentionPolicy } from './start-sampling.ts'

/** Bytes of output that may wait for a slow reader. */
const MAX_PENDING_BYTES = 4 * MiB

/**
 * Runs `kmemtop`: the live screen, text or JSON; returns the exit code.
 * @param opening what the terminal shows until the screen is drawn
 */
export async function runLive(parsedOptions: LiveOptions, opening?: OpeningFrame): Promise<number> {
  const options: LiveOptions = parsedOptions.once ? { ...parsedOptions, iterations: 1 } : parsedOptions
  const { saveOnAlert: directory } = options
  if (directory !== undefined && !isDirectory(directory))
    throw new UserError(`--save-on-alert ${directory} is not a directory`)
  if (directory !== undefined && !isWritable(directory))
    throw new UserError(`--save-on-alert ${directory}: cannot create files there; name a writable directory`)
  checkMarkFile(options)
  await checkAppLogs(options)
  const { config, configPaths } = loadConfig(options.config, options.set)
  const isTerminal = process.stdout.isTTY === true
  const wantsText = options.batch || options.once || options.json
  const linear = !wantsText && isLinear(options.linear, process.env, isTerminal)
  const isText = !linear && (wantsText || !isTerminal || isDumbTerminal(process.env))
  const isRecording = options.write !== undefined || directory !== undefined
  if (options.via && options.via.length > 1) {
    if (isRecording)
      throw new UserError('--write and --save-on-alert need a single --via; kmemtop record takes one per process')
    if (linear) throw new UserError('--linear needs a single --via; --batch prints several nodes')
    return (await import('../nodes/run-nodes.ts')).runNodes(options, options.via, isText)
  }
  const starting = startSampling(options, config, {
    flight: isText && !isRecording ? 0 : FLIGHT.duration,
    target: options.write,
    once: isText && options.iterations === 1,
    reconnects: options.iterations === undefined,
  })
  if (!isText && !linear) loadScreen().catch(() => {}) // while the thread starts; what fails is reported when it is needed
  const source = await starting
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  source.subscribeLink(createLinkListener(store, isText))
  source.subscribeStatus(status => store.dispatch({ type: 'recorder', status }))
  const ends = [
    sendSummaries(store, source),
    requestSurveys(store, source),
    watchMarksLater(options, store, source),
    await startAppLogs(options, source, isText ? undefined : text => store.dispatch({ type: 'notice', text })),
    shrinkHeapWhenLarge(store),
    ...(directory === undefined ? [] : [saveOnAlert(directory, toRetentionPolicy(options), store, source)]),
  ]
  let code: number
  try {
    code = isText
      ? await runBatch(source, store, options)
      : await (linear ? runLines : runScreen)({ source, store, options, config, configPaths, opening })
  } finally {
    for (const end of ends) end()
    source.stop()
    await waitAtMost(STOP_TIMEOUT, source.ended)
  }
  return isText && store.get().recorder.problem !== undefined ? EXIT.usage : code
}

// Tools that the other node lacks are shown when they change: the gaps they cause would look like facts about the node.
function createLinkListener(store: Store, isText: boolean): (link: LinkStatus) => void {
  let shown: readonly string[] = []
  return link => {
    store.dispatch({ type: 'link', link })
    const news = link.missing.filter(text => !shown.includes(text))
    shown = link.missing
    if (news.length === 0) return
    if (isText) for (const text of news) logToStderr(`${link.command}: ${text}`)
    else store.dispatch({ type: 'notice', text: `on this node: ${news.join('; ')}` })
  }
}

async function runBatch(source: LiveSource, store: Store, { json, iterations }: LiveOptions): Promise<number> {
  const stop = (): void => source.stop()
  const getOutputCode = stopWhenOutputCloses(stop)
  handleStopSignals(stop)
  logProblems(store)
  writeBatches(store, json, iterations === 1, {
    write: text => process.stdout.write(text),
    // a sample of 60,000 cgroups is 50 MB of JSON: a slow reader would fill the memory of this node
    isFull: () => iterations === undefined && process.stdout.writableLength > MAX_PENDING_BYTES,
    onSkipped: () => logToStderr('output is read too slowly: skipping samples'),
  })
  const stopWatchdog = logStalls(source, store)
  if (iterations !== undefined) limitFirstSample(source, store)
  await runEventLoop(source, store, iterations)
  stopWatchdog()
  return (await getOutputCode()) ?? (store.get().history.sources.meminfo?.error === undefined ? EXIT.ok : EXIT.usage)
}

// A recording that stopped is not shown in the text output.
function logProblems(store: Store): void {
  let lastLogged: string | undefined
  store.subscribe(() => {
    const { problem } = store.get().recorder
    if (problem !== undefined && problem !== lastLogged) logToStderr(problem)
    lastLogged = problem
  })
}

const FIRST_RUN = 'Enter opens the worst alert, 1 to 8 are views, / filters, : runs commands, ? shows all keys, q quits'

/** Milliseconds after which the screen is shown without a first sample: its source hangs, or is very slow. */
const MAX_FIRST_FRAME_TIME = 1500

interface LiveScreen {
  readonly source: LiveSource
  readonly store: Store
  readonly options: LiveOptions
  readonly config: Config
  readonly configPaths: readonly string[]
  readonly opening: OpeningFrame | undefined
}

async function runLines({ source, store, options, config, configPaths }: LiveScreen): Promise<number> {
  const { runLinear } = await import('./run-linear.ts')
  const recordTarget = { target: config.recordings ?? '.', retention: toRetentionPolicy(options) }
  const { iterations, set = [] } = options
  return runLinear({ source, store, iterations, config, configPaths, settings: set, recordTarget })
}

// The modules of the screen: nothing else needs them.
const loadScreen = () =>
  Promise.all([import('../terminal/screen.tsx'), import('../watch-config.ts'), import('./live-controls.ts')])

// The first frame waits for the first sample, which takes as long as loading the screen.
async function runScreen({ source, store, options, config, configPaths, opening }: LiveScreen): Promise<number> {
  const memory = openAlertMemory(source.session, options, config)
  if (memory) store.dispatch({ type: 'remembered', alerts: memory.alerts })
  const firstSample = Promise.withResolvers<void>()
  const running = runEventLoop(source, store, options.iterations, () => firstSample.resolve())
  const [[{ showScreen }, { watchConfig }, { createLiveControls }]] = await Promise.all([
    loadScreen(),
    Promise.race([firstSample.promise.then(yieldToEventLoop), running, sleep(MAX_FIRST_FRAME_TIME)]),
  ])
  const ends = [memory?.follow(store), followWithSignals(store, options, config)]
  const controls = createLiveControls(source, store, {
    target: config.recordings ?? '.',
    retention: toRetentionPolicy(options),
  })
  const instance = showScreen({
    store,
    pen: buildPen(options, config),
    lightPen: buildLightPen(options, config),
    controls,
    mouse: options.mouse,
    keys: openTerminalKeys(),
    opening,
    ...(options.via ? {} : { identityRoot: options.root, identityNote: lowerOomScore() }),
  })
  if (memory?.isFirstRun) store.dispatch({ type: 'notice', text: FIRST_RUN })
  await yieldToEventLoop() // the first frame comes before any other work
  const stopWatching = await watchConfig(configPaths, config, options.set ?? [], store)
  const showStall = (text: string | undefined): void => store.dispatch({ type: 'silence', text })
  const stopWatchdog = watchForStalls(source, store, showStall)
  try {
    await Promise.race([instance.waitUntilExit(), running])
  } finally {
    stopWatchdog()
    stopWatching()
    controls.end()
    for (const end of ends) end?.()
    await instance.end() // before any error is printed: it would go with the alternate screen
  }
  return EXIT.ok
}
