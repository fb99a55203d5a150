// Runs `kmemtop replay`: a recording or a saved log on the same screen, or one frame of it as text.

import { createNotifier } from '../../app/notice.ts'
import type { PlaybackControls } from '../../app/playback-controls.ts'
import { type AppState, createInitialState } from '../../app/state.ts'
import { createStore, type Store } from '../../app/store.ts'
import { UserError } from '../../base/errors.ts'
import { formatPlural } from '../../base/format.ts'
import { parseTime } from '../../base/parse-time.ts'
import { createHistory } from '../../history.ts'
import { Player, type PlayerCommand } from '../../playback/player.ts'
import { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { runPlayer } from '../../playback/run-player.ts'
import { isKernelLogDevice } from '../../postmortem/logs/files/find-files.ts'
import type { PlayableLog } from '../../postmortem/logs/playable-log.ts'
import { findNextRecording } from '../../recording/file-rotation.ts'
import { encodeHeader, encodeReading } from '../../recording/line-codec.ts'
import { openBuffer, openRecording, openStream, type RecordingFile } from '../../recording/open-recording.ts'
import { tryStat } from '../../recording/try-stat.ts'
import { createSystemClock } from '../../sampling/clock.ts'
import type { ReplayOptions } from '../commands/replay.ts'
import { type Config, resolveThresholds } from '../config.ts'
import { EXIT } from '../exit.ts'
import { seekTo } from '../live/seek-to.ts'
import { loadConfig } from '../live/start-sampling.ts'
import { openNodeFile } from '../nodes/open-node-file.ts'
import { limitHeapGrowth } from '../shrink-heap.ts'
import type { OpeningFrame } from '../terminal/opening-frame.ts'
import { buildLightPen, buildPen } from '../terminal/pen.ts'
import { openTerminalKeys } from '../terminal/terminal-keys.ts'
import { isDumbTerminal, isLinear } from '../terminal/terminal-type.ts'
import { parseSpeed, proposeSpeed } from './playback-speed.ts'
import { parseView, printFrame } from './print-frame.ts'
import { getSpan, parseWindow } from './recordings.ts'
import { waitForRecording } from './wait-for-recording.ts'

/**
 * Runs `kmemtop replay`; returns the exit code.
 * @param opening what the terminal shows until the screen is drawn
 * @throws UserError for a file that cannot be read
 */
export async function runReplay(file: string, options: ReplayOptions, opening?: OpeningFrame): Promise<number> {
  if (options.follow && file === '-') throw new UserError('--follow needs a file: standard input is read to its end')
  if (options.follow) await waitForRecording(file)
  const source: ReplaySource =
    file === '-' ? { recordingFile: await openStream(process.stdin) } : await openSource(file)
  const { recordingFile, notice } = source
  const { config } = loadConfig(options.config, options.set)
  const seeker = new RecordingSeeker(recordingFile, resolveThresholds(config))
  const store = createStore(createInitialState(createHistory(seeker.session), resolveThresholds(config)))
  store.dispatch({ type: 'notice', text: notice })
  if (options.frame === undefined && isLinear(options.linear, process.env, process.stdout.isTTY === true)) {
    const { printRecordedChanges } = await import('../live/run-linear.ts')
    return printRecordedChanges(seeker, store.get(), parseWindow(options, getSpan(seeker)))
  }
  if (options.frame !== undefined || !process.stdout.isTTY || isDumbTerminal(process.env))
    return printFrame(seeker, store.get(), options, config)
  return playOnScreen(source, { seeker, store, opening }, options, config)
}

interface ReplaySource {
  readonly recordingFile: RecordingFile
  readonly isLog?: boolean
  /** which parts of a saved log are not played */
  readonly notice?: string | undefined
}

function describeSkipped(file: string, { name, machines, host, boots, skippedLines }: PlayableLog): string | undefined {
  const parts = [
    ...(name === file ? [] : [`playing only ${name}`]),
    ...(machines > 1
      ? [`playing ${host ?? 'one'} of ${machines} machines in this log: the last with memory trouble`]
      : []),
    ...(boots > 1 ? [`playing one of ${boots} boots in this log: the last with memory trouble, else the last`] : []),
    ...(skippedLines > 0 ? [`${formatPlural(skippedLines, 'line')} skipped`] : []),
  ]
  return parts.length > 0 ? `${parts.join('; ')}; kmemtop analyze reads everything` : undefined
}

// A device may never end, and /proc/kmsg takes the records from syslogd.
function canBeLog(file: string): boolean {
  const stat = tryStat(file)
  return stat !== undefined && (stat.isFile() || stat.isFIFO()) && !isKernelLogDevice(file)
}

// A saved log plays like a recording with only the kernel log in it.
async function openSource(file: string): Promise<ReplaySource> {
  try {
    return { recordingFile: openNodeFile(file) ?? openRecording(file) }
  } catch (error) {
    if (!(error instanceof UserError) || !canBeLog(file)) throw error
    const { loadPlayableLog } = await import('../../postmortem/logs/playable-log.ts')
    const log = await loadPlayableLog(file, createSystemClock().wallClock).catch(() => undefined)
    if (!log) throw error
    const lines = [encodeHeader(log.session, 0), ...log.readings.map(encodeReading)]
    return {
      recordingFile: openBuffer(file, Buffer.from(lines.join(''))),
      isLog: true,
      notice: describeSkipped(file, log),
    }
  }
}

interface ReplayScreen {
  readonly seeker: RecordingSeeker
  readonly store: Store
  readonly opening: OpeningFrame | undefined
}

async function playOnScreen(
  { recordingFile, isLog = false }: ReplaySource,
  { seeker, store, opening }: ReplayScreen,
  options: ReplayOptions,
  config: Config,
): Promise<number> {
  store.subscribe(limitHeapGrowth())
  const { showScreen } = await import('../terminal/screen.tsx')
  const showNotice = createNotifier(store)
  const player = new Player(seeker, (monitor, state) => store.dispatch({ type: 'played', monitor, player: state }), {
    following: options.follow,
    begin:
      options.begin === undefined
        ? getStart(seeker, options.follow || isLog)
        : parseTime(options.begin, getSpan(seeker), showNotice),
    playing: !isLog || options.begin !== undefined,
    ...(options.end === undefined ? {} : { stopAt: parseTime(options.end, getSpan(seeker), showNotice) }),
    speed: parseSpeed(options.speed),
    onMessage: showNotice,
  })
  const view = options.view ?? (isLog ? pickLogView(store.get()) : undefined)
  if (view !== undefined) store.dispatch({ type: 'view', panel: parseView(view) })
  if (options.speed === undefined && !options.follow && !isLog) {
    const proposal = proposeSpeed(player.status.end - player.status.at)
    if (proposal !== undefined) showNotice(proposal)
  }
  for (const problem of seeker.problems) showNotice(`${problem}; press ? for details`)
  const controls = createReplayControls(player, store)
  const keys = openTerminalKeys()
  const instance = showScreen({
    store,
    pen: buildPen(options, config),
    lightPen: buildLightPen(options, config),
    controls,
    mouse: options.mouse,
    keys,
    opening,
  })
  const stopFollowing = options.follow ? await followFile(recordingFile, player, store) : (): void => {}
  let ended = false
  try {
    await Promise.race([instance.waitUntilExit(), runPlayer(player, createSystemClock(), () => ended)])
  } finally {
    ended = true
    stopFollowing()
    await instance.end()
    recordingFile.close()
  }
  return EXIT.ok
}

// A log is opened at its end, where all of it can be read; a followed recording where it grows.
const getStart = ({ begin, end }: RecordingSeeker, isAtEnd: boolean): number => (isAtEnd ? end : begin)

// The other panels are empty for a log.
const pickLogView = ({ history }: AppState): string => (history.kmsg.oomKills.length > 0 ? 'oom' : 'log')

async function followFile(recordingFile: RecordingFile, player: Player, store: Store): Promise<() => void> {
  const { watch } = await import('chokidar')
  const showNotice = createNotifier(store)
  const watcher = watch(recordingFile.name, { ignoreInitial: true, usePolling: false })
  const handleChange = (): void => {
    const growth = player.refresh()
    if (growth === 'cut') showNotice('the file became shorter: it was truncated or overwritten; open it again')
    else if (growth === 'replaced')
      showNotice('the file was replaced by another; open it again to see what is recorded now')
    else if (recordingFile.recording.complete)
      showNotice(`the recorder finished this recording${describeNextFile(recordingFile.name)}`)
  }
  watcher.on('change', handleChange).on('add', handleChange).on('unlink', handleChange).on('ready', handleChange)
  watcher.on('error', error => showNotice(`cannot follow: ${String(error)}`))
  return () => void watcher.close()
}

function describeNextFile(path: string): string {
  const next = findNextRecording(path)
  return next === undefined ? '' : `; it continues in ${next}`
}

function createReplayControls(player: Player, store: Store): PlaybackControls {
  const showNotice = createNotifier(store)
  const showNotLive = (): void => showNotice('this is a recording: marks and recordings can be made only live')
  const applyCommand = (command: PlayerCommand): void => {
    player.execute(command)
    if (command.type === 'event') showNotice(player.eventMessage)
  }
  return {
    runCommand: applyCommand,
    handlePause: () => {},
    returnToLive: () => {},
    toggleRecording: showNotLive,
    addMark: showNotLive,
    save: showNotLive,
    seekTo: text => seekTo(player, text, store),
  }
}
