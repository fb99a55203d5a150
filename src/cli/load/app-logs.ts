// Application logs beside memory: counts lines and errors of `--log` files and `--log-command`, once a second.
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { getErrorMessage, UserError } from '../../base/errors.ts'
import { formatCount } from '../../base/format.ts'
import { MiB, SECOND } from '../../base/units.ts'
import { countText } from '../../collectors/applog/count-text.ts'
import { formatCounts } from '../../collectors/applog/index.ts'
import { getMachineTime, repeatEvery, waitAtMost } from '../../sampling/clock.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import { resetOomScore } from '../protect-process.ts'
import type { AppLogOptions } from '../shared-options.ts'
import { logToStderr } from '../stderr.ts'
import { findLogFiles } from './log-pattern.ts'
import { LogReader } from './log-reader.ts'
import type { Addition } from './log-tail.ts'

const INTERVAL = 1000
const RESCAN = 10 * SECOND // between two searches for new files of a pattern
const REST = 20 // times as long as a search took, at least: 5 % of a CPU
const MAX_FILES = 200
const MAX_SEARCH = 10 * SECOND // that the search before a start may take
const MAX_PENDING = 8 * MiB // of a command's output

/** Fails as `startAppLogs` would, before anything is started. @throws UserError if the patterns name nothing */
export async function checkAppLogs({ log: patterns = [] }: AppLogOptions): Promise<void> {
  await findNamedFiles(patterns)
}

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
  const report = createOnceReport(showProblem)
  const reader = new LogReader(showProblem)
  addFiles(await findNamedFiles(patterns), reader, report)
  for (const path of reader.paths) reportUnreadable(path, showProblem)
  await reader.openAtEnd()
  const { watch } = await import('chokidar')
  const watcher = watch([...reader.paths], { persistent: false, ignoreInitial: true })
  watcher.on('all', (_, path) => reader.noteChange(path)).on('error', () => {})
  const command = logCommand === undefined ? undefined : startLogCommand(logCommand, showProblem)
  let isOver = false
  const stopSearch = repeatSearch(async () => {
    const found = await findFiles(patterns).catch(error => report(getErrorMessage(error)) ?? [])
    if (isOver) return
    watcher.add(addFiles(found, reader, report))
    reader.noteChange(...reader.paths) // inotify may have missed what a mount or a full queue hid
  })
  const stopTimer = repeatEvery(INTERVAL, async () => {
    const additions: Record<string, Addition> = { ...(await reader.takeAdditions()) }
    if (isOver) return
    if (command) additions[command.name] = command.take()
    const files = countAdditions(additions, logText)
    if (Object.keys(files).length > 0) source.sendCommand({ type: 'applog', files })
  })
  return () => {
    isOver = true
    stopTimer()
    stopSearch()
    void watcher.close()
    command?.stop()
    reader.close()
  }
}

// Known at once, and not from an empty chart. Others of the same glob may be readable, so it is no error.
function reportUnreadable(path: string, showProblem: (text: string) => void): void {
  try {
    const stats = statSync(path)
    if (stats.isDirectory())
      showProblem(`--log ${path}: is a directory; a glob in quotes, like '${join(path, '*.log')}', names its files`)
    else if (!stats.isFile())
      showProblem(`--log ${path}: is no regular file and is not counted; --log-command can read it`)
    else accessSync(path, constants.R_OK)
  } catch (error) {
    showProblem(`--log ${path}: cannot be read: ${getErrorMessage(error)}`)
  }
}

const findFiles = async (patterns: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(patterns.map(findLogFiles))).flat()

async function findNamedFiles(patterns: readonly string[]): Promise<readonly string[]> {
  let found: readonly string[] | undefined
  const search = findFiles(patterns).then(paths => {
    found = paths
  })
  await waitAtMost(MAX_SEARCH, search)
  if (found === undefined)
    throw new UserError(`--log ${patterns.join(' ')}: the file system has not answered for ${MAX_SEARCH / SECOND} s`)
  if (found.length === 0 && patterns.length > 0) throw new UserError(`--log ${patterns.join(' ')}: no such file`)
  return found
}

// @returns those that are new
function addFiles(paths: readonly string[], reader: LogReader, report: (text: string) => void): string[] {
  const known = new Set(reader.paths)
  const found = paths.filter(path => !known.has(path))
  const added = found.slice(0, Math.max(0, MAX_FILES - known.size))
  for (const path of added) reader.add(path)
  const leftOut = found.length - added.length
  if (leftOut > 0)
    report(`--log: only ${MAX_FILES} files are counted, ${formatCount(leftOut)} are left out; name fewer`)
  return added
}

// Once: new files of a pattern that names too many come all the time.
function createOnceReport(showProblem: (text: string) => void): (text: string) => void {
  let isReported = false
  return text => {
    if (isReported) return
    isReported = true
    showProblem(text)
  }
}

// The next search begins after the last and a rest: a slow disk must not pile them up.
function repeatSearch(search: () => Promise<void>): () => void {
  let restsUntil = 0
  return repeatEvery(RESCAN, async () => {
    const begin = getMachineTime()
    if (begin < restsUntil) return
    restsUntil = Number.POSITIVE_INFINITY
    await search()
    const end = getMachineTime()
    restsUntil = end + REST * (end - begin)
  })
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
