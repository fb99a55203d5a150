// A program in a terminal as a person has it: a real pty, drawn by a real emulator, keys, sizes, signals.
import { type Cell, createEmulator } from './emulator.ts'
import { type Exit, openPty, type PtyOptions } from './pty.ts'
import { createScreenWaiter, type ScreenCondition } from './screen-waiter.ts'

export type { Cell, Colour } from './emulator.ts'
export type { Exit } from './pty.ts'
export type { ScreenCondition } from './screen-waiter.ts'

/** `keepBytes`: all that the program writes is kept for `rawBytes()`. */
export interface TerminalOptions extends PtyOptions {
  readonly keepBytes?: boolean
}

/** An open terminal. Rows and columns count from 0. */
export interface Terminal {
  /** The program itself: for signals and /proc. */
  readonly pid: number
  /** Its terminal, such as /dev/pts/3. */
  readonly tty: string
  /** `performance.now()` just before the program was executed. */
  readonly startedAt: number
  /** `stty -a` of the terminal before the program was executed. */
  readonly initialTermios: string
  /** When the program has ended and the screen shows its last byte. */
  readonly exited: Promise<Exit>
  /** Types keys; an escape sequence must be one call, as a terminal sends it. */
  write(keys: string): void
  /** Changes the size of the pty (the program gets SIGWINCH) and of the screen. */
  resize(columns: number, rows: number): void
  size(): { readonly columns: number; readonly rows: number }
  /** The screen's lines from top to bottom, without trailing blanks. */
  screen(): readonly string[]
  cell(row: number, column: number): Cell
  bufferType(): 'normal' | 'alternate'
  /** Whether the program asked for reports of the mouse. */
  hasMouse(): boolean
  isCursorVisible(): boolean
  /**
   * Resolves with the screen (lines joined by newlines) as soon as it is as wanted; never samples inside a
   * synchronised update. Rejects with the screen in the message after `timeoutMs` (5000), or when the program ends.
   */
  waitFor(wanted: ScreenCondition, timeoutMs?: number): Promise<string>
  /** Resolves when the screen shows all that was received so far. */
  waitUntilDrawn(): Promise<void>
  /** Resolves when nothing was written for `quietMs`, or after `mostMs`. For tools; tests wait for content. */
  waitUntilQuiet(quietMs: number, mostMs: number): Promise<void>
  /** How many bytes the program wrote so far; with `keepBytes` the bytes, else none. */
  rawBytes(): { readonly total: number; readonly bytes: Buffer }
  /** `performance.now()` of the latest output; 0 before the first. */
  getLastOutputTime(): number
  /** Stops reading the pty, as a hung ssh link does: after some 8 KB the program's writes block. */
  stall(): void
  unstall(): void
  /** `stty -a` of the terminal now, or as the program left it. */
  readTermios(): string
  /** Ends the program (SIGKILL) if it still runs, and nothing else. */
  close(): Promise<void>
}

/** Starts `command` in a new terminal. Resolves when it is being executed, usually before it drew anything. */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  const bytes: Buffer[] = []
  const state = { total: 0, lastAt: 0, toDraw: 0 }
  const listeners = new Set<() => void>()
  let reply = (_text: string) => {}

  const emulator = createEmulator(options.columns, options.rows, text => reply(text))
  const text = () => emulator.lines().join('\n')
  const describeScreen = () => {
    const { columns, rows } = emulator.size()
    return `Screen of ${columns}x${rows}, ${emulator.bufferType()} buffer, ${state.total} bytes so far:`
  }
  const waiting = createScreenWaiter(text, describeScreen)
  const handleDrawn = () => {
    state.toDraw -= 1
    if (!emulator.isMidFrame()) waiting.notifyChanged()
    for (const listener of [...listeners]) listener()
  }
  const pty = await openPty(options, data => {
    state.total += data.length
    state.lastAt = performance.now()
    state.toDraw += 1
    if (options.keepBytes) bytes.push(data)
    emulator.feed(data, handleDrawn)
  })
  reply = answer => pty.write(answer)

  const waitUntilDrawn = () =>
    new Promise<void>(resolve => {
      if (state.toDraw === 0) return resolve()
      const listener = () => {
        if (state.toDraw > 0) return
        listeners.delete(listener)
        resolve()
      }
      listeners.add(listener)
    })
  const exited = pty.exited.then(async exit => {
    await waitUntilDrawn()
    waiting.notifyEnded(`the program ended (${exit.signal ?? `code ${exit.code}`})`)
    return exit
  })

  const waitUntilQuiet = (quietMs: number, mostMs: number) =>
    new Promise<void>(resolve => {
      const done = () => {
        clearTimeout(quiet)
        clearTimeout(most)
        listeners.delete(again)
        resolve()
      }
      const most = setTimeout(done, mostMs)
      let quiet = setTimeout(done, quietMs)
      const again = () => {
        clearTimeout(quiet)
        quiet = setTimeout(done, quietMs)
      }
      listeners.add(again)
    })

  return {
    pid: pty.pid,
    tty: pty.tty,
    startedAt: pty.startedAt,
    initialTermios: pty.initialTermios,
    exited,
    write: keys => pty.write(keys),
    resize(columns, rows) {
      emulator.resize(columns, rows)
      pty.resize(columns, rows)
    },
    size: () => emulator.size(),
    screen: () => emulator.lines(),
    cell: (row, column) => emulator.cell(row, column),
    bufferType: () => emulator.bufferType(),
    hasMouse: () => emulator.hasMouse(),
    isCursorVisible: () => emulator.cursor().visible,
    waitFor: waiting.waitFor,
    waitUntilDrawn,
    waitUntilQuiet,
    rawBytes: () => ({ total: state.total, bytes: Buffer.concat(bytes) }),
    getLastOutputTime: () => state.lastAt,
    stall: () => pty.stall(),
    unstall: () => pty.unstall(),
    readTermios: () => pty.readTermios(),
    async close() {
      await pty.close()
      await exited
    },
  }
}
