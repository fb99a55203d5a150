// The frame that a terminal shows while the program is loaded: the header, what is awaited, and the views. It loads next to nothing,
// so that it is there at once on a node in trouble.
import { hostname, release } from 'node:os'
import { makeOutputAsync } from './async-output.ts'
import { isDumbTerminal, isLinear, needsAscii } from './terminal-type.ts'

/** The options that decide whether there is a screen, and how it looks. */
export interface OpeningOptions {
  readonly ascii: boolean
  readonly linear?: boolean
  /** where the files of the node are; undefined for a recording */
  readonly root?: string
}

/** A frame that is shown until the screen is drawn. */
export interface OpeningFrame {
  /** runs what takes the terminal over and draws the screen; the frame is shown until then */
  handOver<T>(takeTerminal: () => T): T
  /** gives the terminal back, if nothing took it over */
  remove(): void
}

const ENTER_ALTERNATE = '\x1b[?1049h'
const CLEAR = '\x1b[2J\x1b[?25l' // hides the cursor; a Linux console has no alternate screen
const LEAVE = '\x1b[?1049l\x1b[?25h'
const HOME = '\x1b[H' // Ink draws its first frame from the cursor on
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGTSTP'] as const

/** The beginning of the footer of the overview. */
export const OPENING_KEYS = ' 1 Overview  2 Cgroups  3 Slab  4 Log  5 OOM  6 Alerts  7 Memory  8 Pressure'

/**
 * Runs what loads the program and draws the screen, with the frame in the meantime.
 * @param name what is read; undefined where text is wanted, and no frame
 */
export async function showWhileLoading<T>(
  name: string | undefined,
  options: OpeningOptions,
  run: (opening: OpeningFrame | undefined) => Promise<T>,
): Promise<T> {
  const opening = name === undefined ? undefined : showOpeningFrame(name, options)
  try {
    return await run(opening)
  } finally {
    opening?.remove() // before any error is printed: it would go with the alternate screen
  }
}

// Shows the frame while `name` is read; undefined where lines are printed instead of a screen.
function showOpeningFrame(name: string, options: OpeningOptions): OpeningFrame | undefined {
  const { stdout, env } = process
  if (!stdout.isTTY || isDumbTerminal(env) || isLinear(options.linear, env, true)) return undefined
  makeOutputAsync()
  const text = `reading ${isPlain(name) ? name : 'the file'}${options.ascii || needsAscii(env) ? '...' : '…'} (Ctrl-C ends)`
  let isShown = true
  const forget = (): boolean => {
    const wasShown = isShown
    isShown = false
    process.off('exit', remove)
    for (const signal of SIGNALS) process.off(signal, handleSignal)
    return wasShown
  }
  const remove = (): void => {
    if (forget()) stdout.write(LEAVE)
  }
  // a process that stops and goes on leaves the terminal as it is, until the screen is drawn
  const handleSignal = (signal: NodeJS.Signals): void => {
    remove()
    process.kill(process.pid, signal)
  }
  process.once('exit', remove)
  for (const signal of SIGNALS) process.on(signal, handleSignal)
  stdout.write(ENTER_ALTERNATE + CLEAR + formatOpeningFrame(formatPlace(options), text, stdout))
  return {
    remove,
    handOver: takeTerminal => (forget() ? runOnAlternateScreen(takeTerminal) : takeTerminal()),
  }
}

// Ink enters the alternate screen and draws its first frame a moment later. Many terminals clear the screen when it is entered again.
function runOnAlternateScreen<T>(takeTerminal: () => T): T {
  const { stdout } = process
  const write = stdout.write.bind(stdout)
  const skipEnter = (...args: Parameters<typeof write>): boolean =>
    args[0] === ENTER_ALTERNATE ? write(HOME) : write(...args)
  stdout.write = skipEnter as typeof write
  try {
    return takeTerminal()
  } finally {
    stdout.write = write
  }
}

// The width of other characters is not known here.
const isPlain = (text: string): boolean => /^[\x20-\x7e]{0,60}$/.test(text)

function formatPlace({ root }: OpeningOptions): string {
  const place = root === '/' ? `  ${hostname()}  Linux ${release()}` : ''
  return isPlain(place) ? place : ''
}

/** The cells of a terminal. */
interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** Returns what draws the frame on an empty terminal. The cursor is after `text` then: keys are echoed there. */
export function formatOpeningFrame(place: string, text: string, { columns, rows }: TerminalSize): string {
  const name = ' kmemtop'
  const left = Math.max(0, Math.floor((columns - text.length) / 2))
  const header = `${HOME}\x1b[1m${name.slice(0, columns)}\x1b[22m${place.slice(0, Math.max(0, columns - name.length))}`
  const footer = rows > 2 ? `\x1b[${rows}H${cutAtKey(OPENING_KEYS, columns)}` : ''
  const middle = Math.max(2, Math.ceil(rows / 2))
  return `${header}${footer}\x1b[${middle}H\x1b[${left + 1}G${text.slice(0, columns - 1)}`
}

// The footer leaves out whole keys where there is no room.
const cutAtKey = (keys: string, columns: number): string =>
  keys.length <= columns ? keys : keys.slice(0, Math.max(0, keys.lastIndexOf('  ', columns)))
