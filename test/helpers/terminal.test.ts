import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'

const open: Terminal[] = []
afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.close()
})

async function sh(script: string, options: Partial<TerminalOptions> = {}): Promise<Terminal> {
  const terminal = await openTerminal({ command: 'sh', args: ['-c', script], columns: 40, rows: 6, ...options })
  open.push(terminal)
  return terminal
}

function state(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '')[0]!
}

test('the program sees a terminal of the asked size, and its text is on the screen', async () => {
  const terminal = await sh('test -t 0 && test -t 1 && test -t 2 && stty size; exec cat')
  await terminal.waitFor(/^6 40$/m)
  expect(terminal.screen()).toEqual(['6 40', '', '', '', '', ''])
  expect(terminal.bufferType()).toBe('normal')
})

test('keys arrive, and words with quotes and blanks reach the program whole', async () => {
  const terminal = await openTerminal({ command: 'printf', args: ['<%s>', "it's $HOME", 'a  b'], columns: 40, rows: 4 })
  open.push(terminal)
  await terminal.exited
  expect(terminal.screen()[0]).toBe("<it's $HOME><a  b>")
  const cat = await sh('read line; echo "got $line"')
  cat.write('abc\r')
  await cat.waitFor(/got abc/)
})

test('nothing of a test runner is in the environment', async () => {
  const names = 'CI CONTINUOUS_INTEGRATION NO_COLOR FORCE_COLOR VITEST VITEST_WORKER_ID NODE_ENV DEV TEST'
  const show = names.split(' ').map(name => `\${${name}+${name}}`)
  const terminal = await sh(`echo "[${show.join('')}] $TERM $COLORTERM $LANG $EXTRA"`, {
    env: { EXTRA: 'more' },
    columns: 80,
  })
  await terminal.exited
  expect(terminal.screen()[0]).toBe('[] xterm-256color truecolor C.UTF-8 more')
})

test('exit codes and signals are distinguished', async () => {
  expect(await (await sh('exit 3')).exited).toEqual({ code: 3, signal: null })
  const terminal = await sh('echo up; exec sleep 100')
  await terminal.waitFor(/up/)
  process.kill(terminal.pid, 'SIGTERM')
  expect(await terminal.exited).toEqual({ code: null, signal: 'SIGTERM' })
})

test('Ctrl-C interrupts the program and nothing else', async () => {
  const terminal = await sh('echo up; exec sleep 100')
  await terminal.waitFor(/up/)
  terminal.write('\x03')
  expect(await terminal.exited).toEqual({ code: null, signal: 'SIGINT' })
})

test('pid is that of the program itself', async () => {
  const terminal = await sh('echo up; exec sleep 100')
  await terminal.waitFor(/up/)
  await expect.poll(() => readFileSync(`/proc/${terminal.pid}/comm`, 'utf8')).toBe('sleep\n')
})

test('a stopped program can be continued', async () => {
  const terminal = await sh('echo up; kill -STOP $$; echo again; exec sleep 100')
  await terminal.waitFor(/up/)
  await expect.poll(() => state(terminal.pid)).toBe('T')
  process.kill(terminal.pid, 'SIGCONT')
  await terminal.waitFor(/again/)
})

test('a resize reaches the program as SIGWINCH', async () => {
  const terminal = await sh("trap 'stty size' WINCH; echo up; while :; do sleep 0.02; done")
  await terminal.waitFor(/up/)
  terminal.resize(61, 12)
  await terminal.waitFor(/^12 61$/m)
  expect(terminal.screen()).toHaveLength(12)
})

test('colours, weight, the alternate screen and the cursor are seen', async () => {
  const terminal = await sh("printf '\\033[?1049h\\033[?25l\\033[2;3H\\033[1;7;31;44mA\\033[0;38;2;1;2;3mB'; read x")
  await terminal.waitFor(/AB/)
  expect(terminal.bufferType()).toBe('alternate')
  expect(terminal.isCursorVisible()).toBe(false)
  expect(terminal.cell(1, 2)).toMatchObject({ chars: 'A', fg: 1, bg: 4, bold: true, inverse: true })
  expect(terminal.cell(1, 3)).toMatchObject({ chars: 'B', fg: '#010203', bg: 'default', bold: false, inverse: false })
})

test('wide characters have the widths of today', async () => {
  const terminal = await sh("printf '日本|👩‍👩‍👧|é|'; read x")
  await terminal.waitFor(/é\|/)
  expect(terminal.cell(0, 4).chars).toBe('|')
  expect(terminal.cell(0, 7).chars).toBe('|')
  expect(terminal.cell(0, 9).chars).toBe('|')
})

test('questions to the terminal are answered', async () => {
  const terminal = await sh("stty raw -echo; printf '\\033[6n'; head -c 6 | od -An -c", { columns: 60 })
  await terminal.waitFor(/033 {3}\[ {3}1 {3}; {3}1 {3}R/)
})

test('a synchronised update is not looked at before its end', async () => {
  const terminal = await sh("printf '\\033[?2026hhalf'; read x; printf ' whole\\033[?2026l'; read x")
  let samples = 0
  const seen = terminal.waitFor(screen => {
    samples += screen.includes('half') ? 1 : 0
    return screen.includes('half')
  })
  await expect.poll(() => terminal.rawBytes().total).toBe(12)
  terminal.write('\r')
  expect(await seen).toContain('whole')
  expect(samples).toBe(1)
})

test('waiting in vain ends with the screen in the message', async () => {
  const terminal = await sh('echo something else; read x')
  await terminal.waitFor(/else/)
  await expect(terminal.waitFor(/never/, 50)).rejects.toThrow(/never.*50 ms.*40x6.*\nsomething else/)
  terminal.write('\r')
  await expect(terminal.waitFor(/never/)).rejects.toThrow(/the program ended \(code 0\)/)
})

test('a program whose terminal is not read blocks, and goes on afterwards', async () => {
  const terminal = await sh('exec yes')
  await terminal.waitFor(/y/)
  terminal.stall()
  await expect.poll(() => readFileSync(`/proc/${terminal.pid}/wchan`, 'utf8')).toMatch(/wait|tty|pty/)
  const { total } = terminal.rawBytes()
  terminal.unstall()
  await terminal.waitFor(() => terminal.rawBytes().total > total + 100_000)
})

test('termios before and after can be compared', async () => {
  const good = await sh('was=$(stty -g); stty raw -echo; echo up; read x; stty $was')
  await good.waitFor(/up/)
  expect(good.readTermios()).not.toBe(good.initialTermios)
  good.write('\n')
  await good.exited
  expect(good.readTermios()).toBe(good.initialTermios)
  const bad = await sh('stty -echo')
  await bad.exited
  expect(bad.readTermios()).toMatch(/ -echo /)
})

test('bytes are counted, and kept when asked for', async () => {
  const terminal = await sh("printf 'a\\nb'", { keepBytes: true })
  await terminal.exited
  expect(terminal.rawBytes()).toEqual({ total: 4, bytes: Buffer.from('a\r\nb') })
})

test('close ends the program, also one that is stopped or stalled', async () => {
  const terminal = await sh('echo up; exec sleep 100')
  await terminal.waitFor(/up/)
  process.kill(terminal.pid, 'SIGSTOP')
  terminal.stall()
  await terminal.close()
  expect(await terminal.exited).toEqual({ code: null, signal: 'SIGKILL' })
  expect(() => process.kill(terminal.pid, 0)).toThrow('ESRCH')
})
