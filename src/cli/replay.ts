// kmemtop replay: a recording on the same screen, or one frame of it as text.

import { existsSync, openSync, statSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import { setFlagsFromString } from 'node:v8'
import { UserError } from '../base/errors.ts'
import { formatPlural } from '../base/format.ts'
import { parseTime } from '../base/when.ts'
import { createHistory } from '../history.ts'
import type { PlaybackControls } from '../session/deck.ts'
import { Player, type PlayerCommand, SPEEDS } from '../session/player.ts'
import { RecordingSeeker } from '../session/reel.ts'
import { runPlayer } from '../session/run-player.ts'
import { createInitialState, type AppState } from '../session/state.ts'
import { createStore, type Store } from '../session/store.ts'
import { createSystemClock } from '../sources/clock.ts'
import { encodeHeader, encodeReading } from '../sources/kmem/lines.ts'
import { type RecordingFile, openRecording, openStream, openBuffer } from '../sources/kmem/open.ts'
import { findNextRecording } from '../sources/kmem/shelf.ts'
import type { PlayableLog } from '../sources/logs/replay.ts'
import { arrivalOf } from './arrival.ts'
import { type Config, thresholdsOf } from './config.ts'
import { EXIT } from './exit.ts'
import { printFrame, viewOf } from './frame.ts'
import { goTo } from './go-to.ts'
import type { ReplayOptions } from './options.ts'
import { penOf } from './pen.ts'
import { spanOf } from './recordings.ts'
import { configOf } from './sampling.ts'

export async function replay(file: string, options: ReplayOptions): Promise<number> {
  if (options.follow && file === '-') throw new UserError('--follow needs a file; a pipe is read to its end')
  if (options.follow) await arrivalOf(file)
  const source: Opened = file === '-' ? { open: await openStream(process.stdin) } : await opened(file)
  const { open, notice } = source
  const { config } = configOf(options.config, options.set)
  const reel = new RecordingSeeker(open, thresholdsOf(config))
  const store = createStore(createInitialState(createHistory(reel.session), thresholdsOf(config)))
  store.dispatch({ type: 'notice', text: notice })
  if (options.frame !== undefined || !process.stdout.isTTY) return printFrame(reel, store.get(), options, config)
  return play(source, reel, store, options, config)
}

interface Opened {
  readonly open: RecordingFile
  readonly isLog?: boolean
  /** what of a saved log is not played */
  readonly notice?: string | undefined
}

function leftOut(file: string, { name, boots, skippedLines: left }: PlayableLog): string | undefined {
  const parts = [
    ...(name === file ? [] : [`only ${name} is played`]),
    ...(boots > 1 ? [`of ${boots} boots in this log the last with memory trouble is played, else the last`] : []),
    ...(left > 0 ? [`${formatPlural(left, 'line')} left out`] : []),
  ]
  return parts.length > 0 ? `${parts.join('; ')}; kmemtop analyze tells all` : undefined
}

// A saved log plays like a recording that holds nothing else.
async function opened(file: string): Promise<Opened> {
  try {
    return { open: openRecording(file) }
  } catch (error) {
    if (!(error instanceof UserError) || !existsSync(file) || statSync(file).isDirectory()) throw error
    const { loadPlayableLog: playedLog } = await import('../sources/logs/replay.ts')
    const log = await playedLog(file, createSystemClock().wallClock).catch(() => undefined)
    if (!log) throw error
    const lines = [encodeHeader(log.session, 0), ...log.readings.map(encodeReading)]
    return { open: openBuffer(file, Buffer.from(lines.join(''))), isLog: true, notice: leftOut(file, log) }
  }
}

async function play(
  { open, isLog = false }: Opened,
  reel: RecordingSeeker,
  store: Store,
  options: ReplayOptions,
  config: Config,
): Promise<number> {
  // of what a day of readings leaves behind V8 would keep twice of what is in use: this costs no more time and half the memory
  setFlagsFromString('--heap-growing-percent=30')
  const { showScreen } = await import('./screen.tsx')
  const say = (text: string): void => store.dispatch({ type: 'notice', text })
  const player = new Player(reel, (watch, state) => store.dispatch({ type: 'played', monitor: watch, player: state }), {
    following: options.follow,
    begin:
      options.begin === undefined
        ? options.follow || isLog // whoever opens a log wants all that it tells
          ? reel.end
          : reel.begin
        : parseTime(options.begin, spanOf(reel), say),
    playing: !isLog || options.begin !== undefined,
    ...(options.end === undefined ? {} : { stopAt: parseTime(options.end, spanOf(reel), say) }),
    speed: speedOf(options.speed),
  })
  const view = options.view ?? (isLog ? fullest(store.get()) : undefined)
  if (view !== undefined) store.dispatch({ type: 'view', panel: viewOf(view) })
  for (const problem of reel.problems) say(`${problem}; ? tells all`)
  const deck = replayDeck(player, store)
  const keys = process.stdin.isTTY ? undefined : terminalKeys()
  const shown = showScreen({ store, pen: penOf(options, config), deck, askIdentity: false, ...(keys ? { keys } : {}) })
  const unfollow = options.follow ? await follow(open, player, store) : (): void => {}
  let ended = false
  try {
    await Promise.race([shown.waitUntilExit(), runPlayer(player, createSystemClock(), () => ended)])
  } finally {
    ended = true
    unfollow()
    shown.unmount()
    await shown.waitUntilExit()
    keys?.destroy()
    open.close()
  }
  return EXIT.fine
}

// Of a log the other panels are empty.
const fullest = ({ history }: AppState): string => (history.kmsg.oomKills.length > 0 ? 'oom' : 'log')

// The recording came in on standard input: keys are those of the terminal.
function terminalKeys(): ReadStream {
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    throw new UserError('there is no terminal to take keys from; --frame prints a frame without one')
  }
}

async function follow(open: RecordingFile, player: Player, store: Store): Promise<() => void> {
  const { watch } = await import('chokidar')
  const say = (text: string): void => store.dispatch({ type: 'notice', text })
  const watcher = watch(open.name, { ignoreInitial: true, usePolling: false })
  const look = (): void => {
    const growth = player.refresh()
    if (growth === 'cut') say('the file became shorter: somebody cut it, or writes it anew; open it again')
    else if (growth === 'replaced') say('another file has taken this one’s place: open it to see what is recorded now')
    else if (open.recording.complete) say(`the recorder has ended this recording${goesOnIn(open.name)}`)
  }
  watcher.on('change', look).on('add', look).on('unlink', look).on('ready', look)
  watcher.on('error', error => say(`cannot follow: ${String(error)}`))
  return () => void watcher.close()
}

function goesOnIn(path: string): string {
  const next = findNextRecording(path)
  return next === undefined ? '' : `; it goes on in ${next}`
}

function replayDeck(player: Player, store: Store): PlaybackControls {
  const notice = (text: string): void => store.dispatch({ type: 'notice', text })
  const live = (): void => notice('this is a recording: marks are made and recordings started while live')
  const move = (command: PlayerCommand): void => {
    player.execute(command)
    const { event } = player
    if (command.type === 'event') notice(event ? event.text : 'no more of them')
  }
  return {
    runCommand: move,
    handlePause: () => {},
    returnToLive: () => {},
    toggleRecording: live,
    addMark: live,
    seekTo: text => goTo(player, text, store),
  }
}

function speedOf(text: string | undefined): number {
  if (text === undefined) return 1
  const [numerator, denominator = '1'] = text.replace(/[x×]$/, '').split('/')
  const speed = Number(numerator) / Number(denominator)
  const known: readonly number[] = SPEEDS
  if (!known.includes(speed)) throw new UserError(`--speed ${text}: expected one of 1/8, 1/4, 1/2, 1, 2, 4, … 1024`)
  return speed
}
