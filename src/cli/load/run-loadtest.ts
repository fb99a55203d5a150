// Runs `kmemtop run`: samples a control period, executes the command, lets memory settle, and reports.
import { runEventLoop } from '../../app/event-loop.ts'
import { createInitialState } from '../../app/state.ts'
import { createStore, type Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import { createHistory } from '../../history.ts'
import type { BaselineGrowth } from '../../loadtest/baseline.ts'
import type { Tolerances } from '../../loadtest/judge-all.ts'
import { RunObserver } from '../../loadtest/observer.ts'
import { buildReport } from '../../loadtest/report.ts'
import { defaultTolerances } from '../../loadtest/verdict.ts'
import { AlertLog } from '../../playback/alert-log.ts'
import { FLIGHT } from '../../recording/recorder.ts'
import { waitAtMost } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { RunOptions } from '../commands/run.ts'
import { type Config, resolveThresholds } from '../config.ts'
import { noteStop } from '../exit.ts'
import { checkMarkFile, watchMarks } from '../live/mark-file.ts'
import { sendSummaries } from '../live/recording-summary.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from '../live/start-sampling.ts'
import { logToStderr } from '../stderr.ts'
import { makeOutputAsync } from '../terminal/async-output.ts'
import { checkAppLogs, startAppLogs } from './app-logs.ts'
import { checkCommand } from './child-command.ts'
import { checkReportFiles, pickExitCode, writeReport } from './load-report.ts'
import { type LoadListener, LoadRun } from './load-run.ts'
import type { LoadScreen } from './load-screen.ts'
import { createLineMarker } from './mark-pattern.ts'
import { createOwnMemoryReader } from './own-memory.ts'
import { readBaseline } from './read-baseline.ts'

/** A settle is short: on a busy node a source that is read less often would not be read in it. */
const TIME_BUDGET = 0.05

/** Executes the command and reports. @returns the command's own exit code if it failed, else that of the verdict. @throws UserError */
export async function runLoadTest(command: readonly string[], options: RunOptions): Promise<number> {
  await checkOptions(command, options)
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline)
  const { config } = loadConfig(options.config, options.set)
  process.stdout.on('error', () => {}) // the command's output is lost; the run and its recording go on
  const source = await startSampling(options, config, {
    flight: options.tui ? FLIGHT.duration : 0,
    target: options.output,
    intervals: { slabinfo: 2000, sockstat: 2000 },
    timeBudget: TIME_BUDGET,
    watched: normalizeScope(options.cgroup),
  })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  try {
    return await runOnSource({ command, options, config, baseline, source, store })
  } finally {
    source.stop()
    await waitAtMost(STOP_TIMEOUT, source.ended)
  }
}

// Everything that can be known to be wrong before an hour of load.
async function checkOptions([file = '']: readonly string[], options: RunOptions): Promise<void> {
  if (options.warmup >= options.repeat)
    throw new UserError(`--warmup ${options.warmup} leaves no execution of --repeat ${options.repeat} to judge`)
  if (options.tui && !process.stdout.isTTY)
    throw new UserError('--tui needs a terminal: standard output is none; without --tui the report is the same')
  checkCommand(file)
  checkReportFiles(options)
  checkMarkFile(options)
  await checkAppLogs(options)
}

interface RunContext {
  readonly command: readonly string[]
  readonly options: RunOptions
  readonly config: Config
  readonly baseline: BaselineGrowth | undefined
  readonly source: LiveSource
  readonly store: Store
}

async function runOnSource(context: RunContext): Promise<number> {
  const { command, options, baseline, source, store } = context
  const observer = new RunObserver({
    scope: normalizeScope(options.cgroup),
    getOwnMemory: createOwnMemoryReader(options.root, options.via !== undefined),
  })
  const alerts = new AlertLog()
  store.subscribe(() => {
    observer.add(store.get().history)
    alerts.addAlerts(store.get().alerts)
  })
  sendSummaries(store, source)
  const sampling = runEventLoop(source, store)
  const screen = options.tui ? await openScreen(context) : undefined
  const ends: (() => void)[] = []
  try {
    ends.push(await watchMarks(options, text => source.sendCommand({ type: 'mark', text })))
    ends.push(await startAppLogs(options, source, screen?.showProblem))
    const run = new LoadRun(store, observer, { command, ...options }, createListener(context, screen))
    ends.push(listenForStop(() => run.interrupt()))
    void screen?.ended.then(() => run.interrupt())
    const begin = await run.execute(sampling)
    await screen?.end() // the report is for the terminal that was there before
    const report = buildReport({
      command,
      begin,
      end: store.get().history,
      alerts: alerts.listAlerts(),
      baseline,
      isInterrupted: run.isInterrupted,
      settleLimit: options.settle,
      observations: observer.getObservations(options.warmup),
      tolerances: pickTolerances(options),
      gates: options.failOn,
    })
    await Promise.race([writeReport(report, options), failAtStop(ends)])
    return pickExitCode(report)
  } finally {
    await screen?.end()
    for (const end of ends) end()
  }
}

const openScreen = async ({ command, options, config, source, store }: RunContext): Promise<LoadScreen> =>
  (await import('./load-screen.ts')).openLoadScreen({ title: command.join(' '), options, config, source, store })

// With neither a screen nor a pattern the command has the terminal itself.
function createListener({ options, source }: RunContext, screen: LoadScreen | undefined): LoadListener {
  const { markPattern, quiet } = options
  const mark = (text: string): void => source.sendCommand({ type: 'mark', text })
  const markLines = markPattern && createLineMarker(markPattern, mark, screen?.showProblem ?? logToStderr)
  const onLines = (lines: readonly string[]): void => {
    markLines?.(lines)
    screen?.addLines(lines)
  }
  return {
    mark,
    showPhase: text => (screen ? screen.showPhase(text) : quiet || logToStderr(text)),
    output: markLines || screen ? { isPassedThrough: screen === undefined, onLines } : undefined,
  }
}

const pickTolerances = ({ tolerance }: RunOptions): Tolerances =>
  tolerance === undefined ? defaultTolerances : { ...defaultTolerances, kernel: tolerance, acceptedKernel: tolerance }

// `/` is the whole node, which is judged without a scope as well.
const normalizeScope = (paths: readonly string[]): readonly string[] =>
  paths.map(path => `/${path.replace(/^\/+|\/+$/g, '')}`).filter(path => path !== '/')

// A reader of the report may never read: a signal ends that too.
const failAtStop = (ends: (() => void)[]): Promise<never> =>
  new Promise((_, reject) => {
    ends.push(listenForStop(() => reject(new UserError('stopped before the report was written'))))
  })

function listenForStop(callback: () => void): () => void {
  makeOutputAsync()
  const handle = (): void => {
    noteStop()
    callback()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
