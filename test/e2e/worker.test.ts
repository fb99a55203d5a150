// The sampling thread dies or hangs: the terminal is restored, a message says why, and the program ends.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'
import { PROGRAM } from './program.ts'

const TRIGGER = join(createTemporaryFolder(), 'trigger')

/** Runs the built program with a line put before its worker, and creates the trigger file when the screen is live. */
const withWorker = (line: string, run: (terminal: Terminal) => Promise<void>): Promise<void> =>
  withProgram((name, text) => (name === 'worker.js' ? `${line}\n${text}` : text), run)

/** Runs the built program with other texts in its files, and creates the trigger file when the screen is live. */
async function withProgram(
  change: (name: string, text: string) => string,
  run: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kmt-worker-'))
  const checkout = dirname(dirname(PROGRAM))
  for (const name of ['bin', 'dist']) cpSync(join(checkout, name), join(folder, name), { recursive: true })
  symlinkSync(join(checkout, 'package.json'), join(folder, 'package.json'))
  for (const name of readdirSync(join(folder, 'dist')).filter(file => file.endsWith('.js'))) {
    const path = join(folder, 'dist', name)
    const text = readFileSync(path, 'utf8')
    const changed = change(name, text)
    if (changed !== text) writeFileSync(path, changed)
  }
  const command = { command: join(folder, 'bin/kmemtop'), args: ['-i', '300ms'], columns: 120, rows: 40 }
  const terminal = await openTerminal(command)
  try {
    await terminal.waitFor(/LIVE/)
    writeFileSync(TRIGGER, '')
    await run(terminal)
  } finally {
    await terminal.close()
    rmSync(TRIGGER, { force: true })
    rmSync(folder, { recursive: true })
  }
}

/** Runs code in the worker from the time on at which the trigger file exists: the worker calls Atomics.load for every tick. */
const onTrigger = (code: string): string =>
  `import { existsSync as isTriggered } from 'node:fs'; const load = Atomics.load; Atomics.load = (...a) => { if (isTriggered('${TRIGGER}')) { ${code} } return load(...a) }`

test('a worker that dies: the terminal is restored, and the reason stays on it', async () => {
  await withWorker(onTrigger("throw new Error('made to die')"), async terminal => {
    expect(await terminal.exited).toEqual({ code: 2, signal: null })
    expect(terminal.bufferType()).toBe('normal')
    expect(terminal.isCursorVisible()).toBe(true)
    expect(terminal.screen().join('\n')).toContain('kmemtop: internal error: made to die')
  })
})

test('a worker that hangs: the header says so, and q still ends the program', async () => {
  await withWorker(onTrigger('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'), async terminal => {
    await terminal.waitFor(/no data for \d+ s/)
    terminal.write('qq')
    expect((await terminal.exited).code).toBe(0)
  })
})

test('an error while the screen is drawn: the terminal is restored, and a sentence without a stack stays on it', async () => {
  const fail = `process.getBuiltinModule('fs').existsSync('${TRIGGER}') ? null.made_to_fail : ''`
  const change = (_: string, text: string): string => text.replaceAll('`kmemtop  ${', `\`kmemtop  \${${fail}}\${`)
  await withProgram(change, async terminal => {
    expect(await terminal.exited).toEqual({ code: 2, signal: null })
    expect(terminal.bufferType()).toBe('normal')
    expect(terminal.isCursorVisible()).toBe(true)
    expect(terminal.readTermios()).toBe(terminal.initialTermios)
    const lines = terminal.screen().filter(line => line.trim() !== '')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain("kmemtop: internal error: Cannot read properties of null (reading 'made_to_fail')")
  })
})
