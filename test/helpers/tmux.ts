// A private tmux server with one shell in one window: for what needs job control (Ctrl-Z, fg) or a second emulator.
import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createTerminalEnv } from './pty.ts'
import { createScreenWaiter, type ScreenCondition } from './screen-waiter.ts'

/** The size of the window and what the shell in it gets. `undefined` in `env` takes a variable away. */
export interface TmuxOptions {
  readonly columns: number
  readonly rows: number
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
}

/** One window of a tmux server of its own. */
export interface Tmux {
  /** The interactive shell; what is typed runs below it. */
  readonly shellPid: number
  /** Types text as it is. */
  type(text: string): void
  /** Presses keys by tmux's names: `Enter`, `C-z`, `Escape`, `Up`, `PageDown`. */
  press(...keys: readonly string[]): void
  resize(columns: number, rows: number): void
  /** The screen's lines; `escapes` leaves colours in. */
  screen(escapes?: boolean): readonly string[]
  /** Checks the screen whenever something was written to it. */
  waitFor(wanted: ScreenCondition, timeoutMs?: number): Promise<string>
  /** A tmux variable, such as `alternate_on`, `cursor_flag`, `pane_current_command`. */
  readVariable(name: string): string
  /** Ends the server, and with it the shell and what runs in it. */
  close(): Promise<void>
}

let opened = 0

/** Why tmux cannot be used on this machine; undefined when it can. */
export function canTmux(): string | undefined {
  const { status }: SpawnSyncReturns<Buffer> = spawnSync('tmux', ['-V'])
  return status === 0 ? undefined : 'tmux is missing: apt-get install tmux'
}

/** Starts the server and waits for the prompt of `sh`, which is `$ ` or, for root, `# `. */
export async function openTmux({ columns, rows, env, cwd = process.cwd() }: TmuxOptions): Promise<Tmux> {
  opened += 1
  const name = `kmemtop-test-${process.pid}-${opened}`
  const childEnv = { ...createTerminalEnv(env), TERM: undefined, COLORTERM: undefined, ENV: undefined }
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', name, ...args], { encoding: 'utf8', env: childEnv, stdio: ['ignore', 'pipe', 'pipe'] })
  const size = ['-x', String(columns), '-y', String(rows)]
  const config = fileURLToPath(new URL('tmux.conf', import.meta.url)) // and none of the user's
  tmux('-u', '-f', config, 'new-session', '-d', '-c', cwd, ...size, 'sh')

  const screen = (escapes = false) => {
    const text = tmux('capture-pane', '-p', ...(escapes ? ['-e'] : []))
    return text.replace(/\n$/, '').split('\n')
  }
  const read = () => screen().join('\n')
  const readVariable = (of: string) => tmux('display-message', '-p', `#{${of}}`).trim()
  const waiting = createScreenWaiter(
    read,
    () => `tmux ${readVariable('window_width')}x${readVariable('window_height')}:`,
  )

  // A control client gets every byte that a program writes, so nothing is polled.
  const control = spawn('tmux', ['-L', name, '-C', 'attach-session'], {
    env: childEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const closed = new Promise<void>(resolve => void control.once('close', () => resolve()))
  control.stdout.on('data', () => waiting.notifyChanged())
  const socket = readVariable('socket_path')
  const kill = () => {
    spawnSync('tmux', ['-L', name, 'kill-server'])
    rmSync(socket, { force: true }) // tmux leaves it
  }
  process.once('exit', kill)

  const shellPid = Number(readVariable('pane_pid'))
  await waiting.waitFor(/^[$#]/m)
  return {
    shellPid,
    type: text => void tmux('send-keys', '-l', '--', text),
    press: (...keys) => void tmux('send-keys', ...keys),
    resize: (newColumns, newRows) => void tmux('resize-window', '-x', String(newColumns), '-y', String(newRows)),
    screen,
    readVariable,
    waitFor: waiting.waitFor,
    async close() {
      kill()
      process.off('exit', kill)
      await closed
    },
  }
}
