// A program in a real pseudo terminal, made by util-linux's `script`: bytes in, bytes out, its own pid, its end.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'

/** What to run, and how large its terminal is. `undefined` in `env` takes a variable away. */
export interface PtyOptions {
  readonly command: string
  readonly args?: readonly string[]
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** How a program ended, as Node reports it. A shell is in between, so `exit 143` and SIGTERM are the same. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running pseudo terminal. */
export interface Pty {
  /** The program itself, not `script` and not the shell. */
  readonly pid: number
  /** Its terminal, such as /dev/pts/3. */
  readonly tty: string
  /** `performance.now()` just before the program was executed. */
  readonly startedAt: number
  /** `stty -a` before the program was executed. */
  readonly initialTermios: string
  /** When the program ended and its last byte was given to `onData`. */
  readonly exited: Promise<Exit>
  hasEnded(): boolean
  write(text: string): void
  resize(columns: number, rows: number): void
  /** `stty -a` now, or, when the program ended, as it left it. */
  readTermios(): string
  stall(): void
  unstall(): void
  close(): Promise<void>
}

// What test runners and CI set, and what would make a program behave unlike in a user's terminal (Ink: CI, DEV).
const UNWANTED =
  /^(CI|CONTINUOUS_INTEGRATION|NO_COLOR|FORCE_COLOR|VITEST.*|NODE_ENV|NODE_OPTIONS|NODE_CHANNEL_.*|NODE_V8_COVERAGE|TEST|DEV|PROD|SSR|MODE|BASE_URL|COLUMNS|LINES|TMUX.*|STY|TERM_PROGRAM.*|NODE_UNIQUE_ID|LC_ALL|LC_CTYPE)$/

/** The environment of a person at a terminal: this process's without the marks of a test runner, plus `extra`. */
export function createTerminalEnv(extra: PtyOptions['env'] = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !UNWANTED.test(name))
  const all = {
    ...Object.fromEntries(kept),
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'C.UTF-8',
    XDG_STATE_HOME: '/dev/null/none',
    ...extra,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** A word for `sh`. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

/**
 * The shell that `script` runs. It stays beside the program for two reasons: it can say afterwards how the program
 * left the terminal, and `script` stops itself when its own child stops, which this shell never does.
 * File descriptor 3 is the line back to us.
 */
function buildShellScript({ command, args = [], columns, rows }: PtyOptions): string {
  const program = [command, ...args].map(quote).join(' ')
  return [
    'exec 2>/dev/null; trap : INT QUIT TSTP',
    `stty sane rows ${rows} cols ${columns}; stty -a >&3`,
    `sh -c 'echo "program $$ $(tty)" >&3; exec "$@" 2>&1 3>&-' sh ${program}`,
    'status=$?; stty -a >&3; exit $status',
  ].join('\n')
}

function toExit(status: number | null, signal: NodeJS.Signals | null): Exit {
  const number = (status ?? 0) - 128
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name === undefined ? { code: status, signal } : { code: null, signal: name as NodeJS.Signals }
}

function ignoreMissingProcess(action: () => unknown): void {
  try {
    action()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

interface StartedProgram {
  readonly pid: number
  readonly tty: string
  readonly startedAt: number
  readonly line: { text: string }
}

/** Waits for the shell's `program PID TTY`; what comes after it (the last `stty -a`) goes on into `line.text`. */
function waitForStart(script: ChildProcess): Promise<StartedProgram> {
  const line = { text: '' }
  return new Promise((resolve, reject) => {
    script.once('error', reject)
    script.once('close', status => reject(new Error(`script ended with ${status} before the program: ${line.text}`)))
    script.stdio[3]!.on('data', (data: Buffer) => {
      line.text += data
      const [, pid, tty] = /^program (\d+) (\S+)\n/m.exec(line.text) ?? []
      if (pid && tty) resolve({ pid: Number(pid), tty, startedAt: performance.now(), line })
    })
  })
}

/** Starts the program; `onData` gets all that it writes, from the first byte on. */
export async function openPty(options: PtyOptions, onData: (data: Buffer) => void): Promise<Pty> {
  const script = spawn('script', ['-qefc', buildShellScript(options), '/dev/null'], {
    env: { ...createTerminalEnv(options.env), SHELL: '/bin/sh' },
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  })
  script.stdout!.on('data', onData)
  script.stdin!.on('error', () => {}) // keys for a program that has just ended
  let ended = false
  const exited = new Promise<Exit>(resolve => {
    script.once('close', (status, signal) => {
      ended = true
      resolve(toExit(status, signal))
    })
  })
  const { pid, tty, startedAt, line } = await waitForStart(script)
  const sendSignal = (name: NodeJS.Signals, ...pids: readonly number[]) => {
    for (const one of pids) if (!ended) ignoreMissingProcess(() => process.kill(one, name))
  }
  const killAll = () => sendSignal('SIGKILL', pid, script.pid!)
  process.once('exit', killAll)
  void exited.then(() => process.off('exit', killAll))
  const stty = (...args: readonly string[]) => execFileSync('stty', ['-F', tty, ...args], { encoding: 'utf8' })
  const [before = '', after] = [line.text.split(/^program .*\n/m)[0], () => line.text.split(/^program .*\n/m)[1] ?? '']

  return {
    pid,
    tty,
    startedAt,
    initialTermios: before,
    exited,
    hasEnded: () => ended,
    write: text => void script.stdin!.write(text),
    resize: (columns, rows) => void stty('rows', String(rows), 'cols', String(columns)),
    readTermios: () => after() || stty('-a'),
    // A stopped `script` reads nothing: the kernel's 8 KB for a pty fill up and then the program's write blocks.
    stall: () => sendSignal('SIGSTOP', script.pid!),
    unstall: () => sendSignal('SIGCONT', script.pid!),
    async close() {
      sendSignal('SIGCONT', script.pid!)
      sendSignal('SIGKILL', pid)
      const late = setTimeout(killAll, 2000)
      await exited
      clearTimeout(late)
    },
  }
}
