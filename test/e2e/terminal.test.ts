// The terminal is restored, whatever ends the program; sizes and keys work in a real pseudo terminal.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canTmux, openTmux } from '../helpers/tmux.ts'
import { PROGRAM, runProgram, startProgram } from './program.ts'

async function expectRestored(terminal: Terminal): Promise<void> {
  expect(terminal.bufferType()).toBe('normal')
  expect(terminal.isCursorVisible()).toBe(true)
  expect(terminal.hasMouse()).toBe(false)
  expect(terminal.readTermios()).toBe(terminal.initialTermios)
}

test.each([
  ['q', 'qq'], // after an alert the first one asks
  ['Ctrl-C', '\x03'],
])('%s quits with code 0 and restores the terminal', async (_, key) => {
  const terminal = await startProgram()
  expect(terminal.bufferType()).toBe('alternate')
  expect(terminal.hasMouse()).toBe(true)
  terminal.write(key)
  expect(await terminal.exited).toEqual({ code: 0, signal: null })
  await expectRestored(terminal)
})

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s ends the program and restores the terminal', async signal => {
  const terminal = await startProgram()
  process.kill(terminal.pid, signal)
  const { code, signal: by } = await terminal.exited
  // Ctrl-C before the terminal is in raw mode comes as SIGINT: it is the key that quits
  if (signal === 'SIGINT') expect({ code, by }).toEqual({ code: 0, by: null })
  await expectRestored(terminal)
})

test('a crash restores the terminal and prints the error', async () => {
  const crash =
    '--import=data:text/javascript,process.on(%27SIGUSR2%27,()=>{throw%20new%20Error(%27made%20to%20crash%27)})'
  const terminal = await startProgram({ env: { NODE_OPTIONS: crash } })
  process.kill(terminal.pid, 'SIGUSR2')
  const { code } = await terminal.exited
  expect(code).not.toBe(0)
  await expectRestored(terminal)
  expect(terminal.screen().join('\n')).toContain('made to crash')
})

test('-n ends the program after that many samples', async () => {
  // more samples than are taken while the screen is loaded: the test waits for its first frame
  const terminal = await startProgram({ args: ['-n', '10', '-i', '300ms'] })
  expect((await terminal.exited).code).toBe(0)
  await expectRestored(terminal)
})

test('the screen fills every size, and comes back from a size that is too small', async () => {
  await runProgram({ columns: 120, rows: 40 }, async terminal => {
    await terminal.waitFor(/quit/)
    terminal.resize(80, 24)
    await terminal.waitFor(() => /q quit/.test(terminal.screen()[23] ?? ''))
    terminal.resize(250, 70)
    await terminal.waitFor(() => /q quit/.test(terminal.screen()[69] ?? ''))
    terminal.resize(20, 5)
    await terminal.waitFor(/needs 40x10/)
    terminal.resize(40, 10)
    await terminal.waitFor(/Memory/)
    terminal.resize(200, 60)
    await terminal.waitFor(
      () => /q quit/.test(terminal.screen()[59] ?? '') && /Kernel log/.test(terminal.screen().join()),
    )
  })
})

test('the keys of the footer lead where they say', async () => {
  await runProgram({}, async terminal => {
    const press = async (key: string, wanted: RegExp): Promise<void> => {
      terminal.write(key)
      await terminal.waitFor(wanted)
    }
    await press('2', /FAILCNT/)
    await press('3', /CACHE.*GROWTH▾ +PER HOUR +LEFT/)
    await press('/', /filter slab:/)
    await press('dentry', /filter slab: dentry/)
    await press('\r', /filter: dentry/)
    await press('\r', /Slab › dentry/) // the page of the first row is below the list too
    await press('\x1b', /CACHE.*GROWTH▾ +PER HOUR +LEFT/)
    await press('4', /Kernel log.* all · follow/)
    await press('5', /WHEN +PROCESS/)
    await press('6', /STATE +WHEN/)
    await press('?', /SOURCE +EVERY/)
    await press('1', /Pressure/)
    await press(' ', /PAUSED/)
    await press(' ', /LIVE/)
    await press('z', /FAILCNT/)
    await press('z', /Pressure/)
  })
})

test('the keyboard is in raw mode at the first frame, so keys are not echoed into it', async () => {
  const terminal = await openTerminal({ command: PROGRAM, args: [], columns: 120, rows: 40 })
  try {
    await terminal.waitFor(/LIVE/)
    expect(terminal.readTermios()).toMatch(/-icanon[\s\S]*-echo\b/)
    terminal.write('qq')
    await terminal.exited
    expect(terminal.readTermios()).toBe(terminal.initialTermios)
  } finally {
    await terminal.close()
  }
})

test('a frame without data is there first, and stays until the screen is drawn', async () => {
  await runProgram({ keepBytes: true }, async terminal => {
    const bytes = terminal.rawBytes().bytes.toString()
    const [before, after = ''] = bytes.split('reading kernel memory…')
    expect(before).toMatch(/^\x1b\[\?1049h\x1b\[2J.* 1 Overview {2}2 Cgroups .*$/)
    expect(after.slice(0, after.indexOf('LIVE'))).not.toMatch(/\x1b\[(?:\?1049h|2J)/)
    expect(terminal.screen().join('\n')).not.toContain('reading kernel memory')
  })
})

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends a program that still reads', async signal => {
  const terminal = await openTerminal({ command: PROGRAM, columns: 80, rows: 24 })
  await terminal.waitFor(/reading kernel memory|LIVE/)
  process.kill(terminal.pid, signal)
  await terminal.exited
  await expectRestored(terminal)
})

test('an error before the first frame is shown where the shell is', async () => {
  const terminal = await openTerminal({ command: PROGRAM, args: ['replay', '/etc/hostname'], columns: 80, rows: 24 })
  expect((await terminal.exited).code).toBe(2)
  await expectRestored(terminal)
  expect(terminal.screen().join(' ')).toMatch(/hostname is no recording/)
})

test('keys typed before the first frame are echoed, and do not shift it', async () => {
  const terminal = await openTerminal({ command: PROGRAM, args: ['--no-mouse'], columns: 100, rows: 30 })
  try {
    terminal.write('jj')
    await terminal.waitFor(/LIVE/)
    expect(terminal.screen()[0]).toMatch(/^ kmemtop /)
    expect(terminal.screen().at(-1)).toMatch(/^ \S/)
  } finally {
    await terminal.close()
  }
})

test('keys that arrive in one read are handled one by one', async () => {
  await runProgram({}, async terminal => {
    await terminal.waitFor(/in \d+ caches/) // j selects nothing in a list without rows
    terminal.write('3jj')
    await terminal.waitFor(/CACHE.*GROWTH[\s\S]*▌/)
    terminal.write('/dentry')
    await terminal.waitFor(/filter slab: dentry/)
  })
})

test('NO_COLOR draws without colors, --ascii without characters outside ASCII', async () => {
  await runProgram({ args: ['--ascii'], env: { NO_COLOR: '1' }, keepBytes: true }, async terminal => {
    await terminal.waitFor(/MemAvailable/)
    const bytes = terminal.rawBytes().bytes.toString('latin1')
    expect(bytes).not.toMatch(/\x1b\[[0-9;]*(3[0-7]|4[0-7]|38|48|9[0-7])[;m]/)
    expect(bytes).not.toMatch(/[\x80-\xff]/)
  })
})

testUnless(canTmux())('Ctrl-Z returns the terminal to the shell, and fg brings the screen back', async () => {
  const tmux = await openTmux({ columns: 100, rows: 30 })
  try {
    tmux.type(PROGRAM)
    tmux.press('Enter')
    await tmux.waitFor(/LIVE/)
    tmux.press('C-z')
    await tmux.waitFor(/Stopped/)
    expect(tmux.readVariable('alternate_on')).toBe('0')
    tmux.type('fg')
    tmux.press('Enter')
    await tmux.waitFor(/LIVE/)
    expect(tmux.readVariable('alternate_on')).toBe('1')
    tmux.press('2')
    await tmux.waitFor(screen => /─[ ▌]Cgroups/.test(screen) && !/─[ ▌]Memory/.test(screen))
    tmux.press('q', 'q')
    await tmux.waitFor(() => tmux.readVariable('alternate_on') === '0')
  } finally {
    await tmux.close()
  }
})

for (const signal of ['SIGTSTP', 'SIGSTOP'] as const) {
  testUnless(canTmux())(`${signal} from outside: after fg the whole screen is drawn again, and keys work`, async () => {
    const tmux = await openTmux({ columns: 100, rows: 30 })
    try {
      tmux.type(PROGRAM)
      tmux.press('Enter')
      await tmux.waitFor(/LIVE/)
      const shell = tmux.readVariable('pane_pid')
      process.kill(Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8')), signal)
      await tmux.waitFor(/topped/) // the shell's word may be wrapped where it is written over the screen
      if (signal === 'SIGTSTP') expect(tmux.readVariable('alternate_on')).toBe('0')
      tmux.type('fg')
      tmux.press('C-j') // Enter is no newline in the raw mode that SIGSTOP leaves
      await tmux.waitFor(screen => /LIVE/.test(screen) && /─[ ▌]Memory/.test(screen) && !/topped/.test(screen))
      expect(tmux.readVariable('alternate_on')).toBe('1')
      tmux.press('2')
      await tmux.waitFor(screen => /─[ ▌]Cgroups/.test(screen) && !/─[ ▌]Memory/.test(screen))
      tmux.press('q', 'q')
      await tmux.waitFor(() => tmux.readVariable('alternate_on') === '0')
    } finally {
      await tmux.close()
    }
  })
}

test('the mouse selects, sorts and presses words; function keys are those of htop', async () => {
  await runProgram({}, async terminal => {
    const click = async (text: RegExp): Promise<void> => {
      await terminal.waitFor(text)
      const row = terminal.screen().findIndex(line => text.test(line))
      const column = terminal.screen()[row]!.search(text)
      terminal.write(`\x1b[<0;${column + 1};${row + 1}M\x1b[<0;${column + 1};${row + 1}m`)
    }
    await click(/(?<=3 )Slab/)
    await terminal.waitFor(/CACHE.*GROWTH▾ +PER HOUR +LEFT/)
    await click(/OBJECTS/)
    await terminal.waitFor(/OBJECTS▾/)
    await click(/dentry/)
    await terminal.waitFor(/▌dentry/)
    await click(/dentry/)
    await terminal.waitFor(/Slab › dentry/)
    terminal.write('\x1b[11~')
    await terminal.waitFor(/Help/)
    terminal.write('\x1b')
    await terminal.waitFor(/Slab › dentry/)
    terminal.write('\x1b[21~')
    expect((await terminal.exited).code).toBe(0)
    await expectRestored(terminal)
  })
})

test.each([
  ['--no-mouse', { args: ['--no-mouse'] }],
  ['the console of Linux', { env: { TERM: 'linux' } }],
])('%s leaves the mouse to the terminal', async (_, start) => {
  await runProgram(start, async terminal => expect(terminal.hasMouse()).toBe(false))
})

test('a command opens what it names, and its text never gets longer than the screen', async () => {
  await runProgram({}, async terminal => {
    terminal.write(':cache den')
    await terminal.waitFor(/:cache dentry[\s\S]*:cache den▌/)
    terminal.write('\t\r')
    await terminal.waitFor(/Slab › dentry/)
    terminal.write(`:${'x'.repeat(300)}\r`)
    await terminal.waitFor(/no command xxx/)
  })
})

test('the first run says what to press, the next one does not', async () => {
  const env = { XDG_STATE_HOME: createTemporaryFolder() }
  await runProgram({ env }, async terminal => {
    await terminal.waitFor(/Enter opens the worst alert, 1 to 8 are views/)
    terminal.write('\x0c')
    await terminal.waitFor(/q quit/)
  })
  await runProgram({ env }, async terminal =>
    expect(terminal.screen().join('\n')).not.toMatch(/Enter opens the worst alert/),
  )
})
