// Runs `kmemtop run`: samples a control period, executes the command, lets memory settle, and reports.
import { readFileSync, writeFileSync } from 'node:fs'
import { runEventLoop } from '../app/event-loop.ts'
import { createInitialState } from '../app/state.ts'
import { createStore, type Store } from '../app/store.ts'
import { getErrorMessage, UserError } from '../base/errors.ts'
import { formatDuration } from '../base/format.ts'
import { toJson } from '../base/json.ts'
import { createHistory, type History } from '../history.ts'
import { RunObserver } from '../loadtest/observer.ts'
import { buildReport, type RunReport } from '../loadtest/report.ts'
import { parseBaseline, toReportJson } from '../loadtest/report-json.ts'
import { formatJunit, formatMarkdown } from '../loadtest/report-markup.ts'
import { formatReport } from '../loadtest/report-text.ts'
import { defaultTolerances } from '../loadtest/verdict.ts'
import { AlertLog } from '../playback/alert-log.ts'
import { waitAtMost } from '../sampling/clock.ts'
import { startAppLogs } from './app-logs.ts'
import { type ChildCommand, startCommand } from './child-command.ts'
import type { RunOptions } from './commands/run.ts'
import { resolveThresholds } from './config.ts'
import { EXIT } from './exit.ts'
import { watchMarks } from './mark-file.ts'
import { sendSummaries } from './recording-summary.ts'
import { loadConfig, STOP_TIMEOUT, startSampling } from './start-sampling.ts'
import { logToStderr } from './stderr.ts'

/** Executes the command and reports. @returns the command's own exit code if it failed, else that of the verdict. @throws UserError */
export async function runLoadTest(command: readonly string[], options: RunOptions): Promise<number> {
  if (options.warmup >= options.repeat)
    throw new UserError(`--warmup ${options.warmup} leaves no execution of --repeat ${options.repeat} to judge`)
  const baseline =
    options.baseline === undefined ? undefined : parseBaseline(readText(options.baseline), options.baseline)
  const { config } = loadConfig(options.config, options.set)
  const source = await startSampling(options, config, {
    flight: 0,
    target: options.output,
    intervals: { slabinfo: 2000, sockstat: 2000 },
  })
  const store = createStore(createInitialState(createHistory(source.session), resolveThresholds(config)))
  const observer = new RunObserver(options.cgroup)
  const alerts = new AlertLog()
  store.subscribe(() => {
    observer.add(store.get().history)
    alerts.addAlerts(store.get().alerts)
  })
  sendSummaries(store, source)
  const sampling = runEventLoop(source, store)
  const mark = (text: string): void => source.sendCommand({ type: 'mark', text })
  const stopMarks = await watchMarks(options, mark)
  const stopLogs = await startAppLogs(options, source)
  const run = new CommandRun(store, observer, options, mark)
  const stop = listenForStop(() => run.interrupt())
  try {
    const begin = await run.execute(command, sampling)
    const input = {
      command,
      begin,
      end: store.get().history,
      alerts: alerts.listAlerts(),
      baseline,
      isInterrupted: run.isInterrupted,
    }
    const report = buildReport({
      ...input,
      observations: observer.getObservations(options.warmup),
      tolerances: { ...defaultTolerances, kernel: options.tolerance ?? defaultTolerances.kernel },
      gates: options.failOn,
    })
    writeReport(report, options)
    return pickExitCode(report)
  } finally {
    stop()
    stopMarks()
    stopLogs()
    source.stop()
    await waitAtMost(STOP_TIMEOUT, source.ended)
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(`--baseline ${path}: ${getErrorMessage(error)}`)
  }
}

/** The phases of a run in their order. Ctrl-C ends the command and the settle; what was seen is still reported. */
class CommandRun {
  isInterrupted = false
  private child: ChildCommand | undefined
  private wake: () => void = () => {}
  private readonly store: Store
  private readonly observer: RunObserver
  private readonly options: RunOptions
  private readonly mark: (text: string) => void

  constructor(store: Store, observer: RunObserver, options: RunOptions, mark: (text: string) => void) {
    this.store = store
    this.observer = observer
    this.options = options
    this.mark = mark
  }

  /** The second signal kills a command that ignores the first. */
  interrupt(): void {
    this.child?.kill(this.isInterrupted ? 'SIGKILL' : 'SIGTERM')
    this.isInterrupted = true
    this.wake()
  }

  /** @returns the history when the first execution began */
  async execute(command: readonly string[], sampling: Promise<void>): Promise<History> {
    const { control, settle, repeat, markPattern } = this.options
    this.log(`control period of ${formatDuration(control)}`)
    await this.waitFor(control, sampling)
    const begin = this.store.get().history
    for (let count = 1; count <= repeat && !this.isInterrupted; count++) {
      this.log(repeat === 1 ? 'running the command' : `execution ${count} of ${repeat}`)
      this.observer.startIteration(this.getTime())
      this.mark(repeat === 1 ? 'command starts' : `execution ${count} starts`)
      this.child = await startCommand(
        command,
        markPattern && (line => markPattern.test(line) && this.mark(line.trim())),
      )
      const exitCode = await this.child.exitCode
      this.child = undefined
      this.mark(repeat === 1 ? 'command ended' : `execution ${count} ended`)
      this.observer.endCommand(this.getTime(), exitCode)
      this.log(`settling for ${formatDuration(settle)}`)
      await this.waitFor(settle, sampling)
      this.observer.endSettle(this.getTime())
      if (exitCode !== 0) break // a command that fails does not do the same work each time
    }
    return begin
  }

  // Time is that of the samples: a stalled sampler lengthens a phase, it does not empty it.
  private async waitFor(duration: number, sampling: Promise<void>): Promise<void> {
    const until = this.getTime() + duration
    const reached = new Promise<void>(resolve => {
      this.wake = resolve
      const unsubscribe = this.store.subscribe(() => {
        if (this.getTime() < until) return
        unsubscribe()
        resolve()
      })
    })
    if (!this.isInterrupted) await Promise.race([reached, sampling])
  }

  private getTime = (): number => this.store.get().history.time

  private log(text: string): void {
    if (!this.options.quiet) logToStderr(text)
  }
}

function listenForStop(callback: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, callback)
  return () => {
    for (const signal of signals) process.off(signal, callback)
  }
}

// The report goes to stderr where the command's own output has stdout, unless a file is named.
function writeReport(report: RunReport, { json, junit, markdown }: RunOptions): void {
  process.stderr.write(`\n${formatReport(report)}`)
  if (json !== undefined) writeOutput(json, `${toJson(toReportJson(report), 2)}\n`)
  if (junit !== undefined) writeOutput(junit, formatJunit(report))
  if (markdown !== undefined) writeOutput(markdown, formatMarkdown(report))
}

function writeOutput(path: string, text: string): void {
  if (path === '-') process.stdout.write(text)
  else {
    try {
      writeFileSync(path, text)
    } catch (error) {
      throw new UserError(`cannot write ${path}: ${getErrorMessage(error)}`)
    }
  }
}

function pickExitCode({ commandExitCode, verdict, gates, baselineDrifts }: RunReport): number {
  if (commandExitCode !== 0) return commandExitCode
  if (gates.some(({ failed }) => failed === true) || baselineDrifts.length > 0) return EXIT.findings
  const isUnknown = gates.some(({ failed }) => failed === null) || verdict.outcome === 'cannot tell'
  return isUnknown ? EXIT.unknown : EXIT.ok
}
