// Application logs beside memory: counts lines and errors of `--log` files and `--log-command`, once a second.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import { MiB } from '../base/units.ts'
import { type AppLogCounts, formatCounts } from '../collectors/applog/index.ts'
import { findErrorLines, maskLine } from '../collectors/applog/pattern.ts'
import { repeatEvery } from '../sampling/clock.ts'
import type { LiveSource } from '../sampling/live-source.ts'
import { LogTail } from './log-tail.ts'
import type { AppLogOptions } from './shared-options.ts'
import { logToStderr } from './stderr.ts'

const INTERVAL = 1000
const RESCAN = 10 // seconds between two searches for new files of a pattern
const MAX_FILES = 200
const MAX_MASKED = 500 // error lines whose pattern is found per second and log
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
  const { log: patterns = [], logCommand } = options
  if (patterns.length === 0 && logCommand === undefined) return () => {}
  const tails = new Map<string, LogTail>()
  const changed = new Set<string>()
  addFiles(patterns, tails, changed, false)
  if (tails.size === 0 && patterns.length > 0) throw new UserError(`--log ${patterns.join(' ')}: no such file`)
  const { watch } = await import('chokidar')
  const watcher = watch([...tails.keys()], { persistent: false, ignoreInitial: true })
  watcher.on('all', (_, path) => changed.add(path)).on('error', () => {})
  const command = logCommand === undefined ? undefined : startLogCommand(logCommand, showProblem)
  let seconds = 0
  const stopTimer = repeatEvery(INTERVAL, () => {
    if (++seconds % RESCAN === 0) {
      watcher.add(addFiles(patterns, tails, changed, true))
      for (const path of tails.keys()) changed.add(path) // inotify may have missed what a mount or a full queue hid
    }
    const files = { ...readTails(tails, changed), ...(command && countText(command.name, command.take())) }
    if (Object.keys(files).length > 0) source.sendCommand({ type: 'applog', files })
  })
  return () => {
    stopTimer()
    void watcher.close()
    command?.stop()
    for (const tail of tails.values()) tail.close()
  }
}

function addFiles(
  patterns: readonly string[],
  tails: Map<string, LogTail>,
  changed: Set<string>,
  fromStart: boolean,
): string[] {
  const found = patterns.flatMap(pattern => globSync(pattern)).filter(path => !tails.has(path))
  const added = found.slice(0, Math.max(0, MAX_FILES - tails.size))
  for (const path of added) {
    tails.set(path, new LogTail(path, fromStart))
    changed.add(path)
  }
  return added
}

function readTails(tails: ReadonlyMap<string, LogTail>, changed: Set<string>): Record<string, string> {
  const files: Record<string, string> = {}
  for (const path of changed) {
    const addition = tails.get(path)?.readAddition()
    if (addition) Object.assign(files, countText(path, addition))
  }
  changed.clear()
  return files
}

function countText(name: string, { text, skipped }: { text: string; skipped: number }): Record<string, string> {
  if (text === '' && skipped === 0) return {}
  const patterns = new Map<string, number>()
  const errors = findErrorLines(
    text,
    line => {
      const pattern = maskLine(line)
      patterns.set(pattern, (patterns.get(pattern) ?? 0) + 1)
    },
    MAX_MASKED,
  )
  const top = [...patterns].sort((a, b) => b[1] - a[1]).slice(0, 10)
  const counts: AppLogCounts = { lines: countNewlines(text), errors, skipped, patterns: new Map(top) }
  return { [name]: formatCounts(counts) }
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}

interface LogCommand {
  readonly name: string
  /** output since the last call */
  take(): { text: string; skipped: number }
  stop(): void
}

function startLogCommand(commandLine: string, showProblem: (text: string) => void): LogCommand {
  const child = spawn('sh', ['-c', commandLine], { stdio: ['ignore', 'pipe', 'ignore'] })
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
