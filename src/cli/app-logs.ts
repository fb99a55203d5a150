// Application logs beside memory: counts lines and errors of `--log` files and `--log-command`, once a second.
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { getErrorMessage, UserError } from '../base/errors.ts'
import { formatCount } from '../base/format.ts'
import { MiB } from '../base/units.ts'
import { countText } from '../collectors/applog/count-text.ts'
import { formatCounts } from '../collectors/applog/index.ts'
import { repeatEvery } from '../sampling/clock.ts'
import type { LiveSource } from '../sampling/live-source.ts'
import { findLogFiles } from './log-pattern.ts'
import { type Addition, LogTail } from './log-tail.ts'
import { resetOomScore } from './protect-process.ts'
import type { AppLogOptions } from './shared-options.ts'
import { logToStderr } from './stderr.ts'

const INTERVAL = 1000
const RESCAN = 10 // seconds between two searches for new files of a pattern
const MAX_FILES = 200
const MAX_PENDING = 8 * MiB // of a command's output

/**
 * Starts to count; files are read from their end.
 * @param showProblem called when a log can no longer be counted; a screen must not be written over
 * @returns a function that stops
 * @throws UserError if a path names nothing
 */
export async function startAppLogs(
  options: AppLogOptions,
  source: Pick<LiveSource, 'sendCommand'>,
  showProblem: (text: string) => void = logToStderr,
): Promise<() => void> {
  const { log: patterns = [], logCommand, logText = false } = options
  if (patterns.length === 0 && logCommand === undefined) return () => {}
  const tails = new Map<string, LogTail>()
  const changed = new Set<string>()
  const reportLimit = createLimitReport(showProblem)
  reportLimit(addFiles(patterns, tails, changed, false).leftOut)
  if (tails.size === 0 && patterns.length > 0) throw new UserError(`--log ${patterns.join(' ')}: no such file`)
  for (const path of tails.keys()) reportUnreadable(path, showProblem)
  const { watch } = await import('chokidar')
  const watcher = watch([...tails.keys()], { persistent: false, ignoreInitial: true })
  watcher.on('all', (_, path) => changed.add(path)).on('error', () => {})
  const command = logCommand === undefined ? undefined : startLogCommand(logCommand, showProblem)
  let seconds = 0
  const stopTimer = repeatEvery(INTERVAL, () => {
    if (++seconds % RESCAN === 0) {
      const { added, leftOut } = addFiles(patterns, tails, changed, true)
      watcher.add(added)
      reportLimit(leftOut)
      for (const path of tails.keys()) changed.add(path) // inotify may have missed what a mount or a full queue hid
    }
    const additions: Record<string, Addition> = readTails(tails, changed)
    if (command) additions[command.name] = command.take()
    const files = countAdditions(additions, logText)
    if (Object.keys(files).length > 0) source.sendCommand({ type: 'applog', files })
  })
  return () => {
    stopTimer()
    void watcher.close()
    command?.stop()
    for (const tail of tails.values()) tail.close()
  }
}

// Known at once, and not from an empty chart. Others of the same glob may be readable, so it is no error.
function reportUnreadable(path: string, showProblem: (text: string) => void): void {
  try {
    if (statSync(path).isDirectory())
      showProblem(`--log ${path}: is a directory; a glob in quotes, like '${join(path, '*.log')}', names its files`)
    else accessSync(path, constants.R_OK)
  } catch (error) {
    showProblem(`--log ${path}: cannot be read: ${getErrorMessage(error)}`)
  }
}

function addFiles(
  patterns: readonly string[],
  tails: Map<string, LogTail>,
  changed: Set<string>,
  fromStart: boolean,
): { readonly added: string[]; readonly leftOut: number } {
  const found = patterns.flatMap(findLogFiles).filter(path => !tails.has(path))
  const added = found.slice(0, Math.max(0, MAX_FILES - tails.size))
  for (const path of added) {
    tails.set(path, new LogTail(path, fromStart))
    changed.add(path)
  }
  return { added, leftOut: found.length - added.length }
}

// Once: new files of a pattern that names too many come all the time.
function createLimitReport(showProblem: (text: string) => void): (leftOut: number) => void {
  let isReported = false
  return leftOut => {
    if (isReported || leftOut === 0) return
    isReported = true
    showProblem(`--log: only ${MAX_FILES} files are counted, ${formatCount(leftOut)} are left out; name fewer`)
  }
}

function readTails(tails: ReadonlyMap<string, LogTail>, changed: Set<string>): Record<string, Addition> {
  const additions = [...changed].flatMap(path => {
    const addition = tails.get(path)?.readAddition()
    return addition ? [[path, addition] as const] : []
  })
  changed.clear()
  return Object.fromEntries(additions)
}

const countAdditions = (additions: Readonly<Record<string, Addition>>, keepsText: boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(additions)
      .filter(([, { text, skipped }]) => text !== '' || skipped > 0)
      .map(([name, { text, skipped }]) => [name, formatCounts(countText(text, skipped, keepsText))]),
  )

interface LogCommand {
  readonly name: string
  /** output since the last call */
  take(): { text: string; skipped: number }
  stop(): void
}

function startLogCommand(commandLine: string, showProblem: (text: string) => void): LogCommand {
  const child = spawn('sh', ['-c', resetOomScore(commandLine)], { stdio: ['ignore', 'pipe', 'ignore'] })
  let pending: string[] = []
  let size = 0
  let skipped = 0
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    if (size + text.length > MAX_PENDING) {
      skipped += text.length
      return
    }
    size += text.length
    pending.push(text)
  })
  child.once('exit', code => showProblem(`--log-command ended (exit code ${code}): its log is no longer counted`))
  child.once('error', error => showProblem(`--log-command: ${error.message}`))
  return {
    name: commandLine,
    take: () => {
      const addition = { text: pending.join(''), skipped }
      pending = []
      size = 0
      skipped = 0
      return addition
    },
    stop: () => {
      child.removeAllListeners('exit')
      child.kill()
    },
  }
}
