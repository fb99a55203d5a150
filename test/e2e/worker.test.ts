// The sampling thread dies or hangs: the terminal is given back, a sentence says why, and the program really ends.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'
import { NODE, PROGRAM } from './program.ts'

/** The built program with a line put before its worker. */
async function withWorker(line: string, run: (terminal: Terminal) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kmt-worker-'))
  const checkout = dirname(dirname(PROGRAM))
  for (const name of ['bin', 'dist']) cpSync(join(checkout, name), join(folder, name), { recursive: true })
  symlinkSync(join(checkout, 'package.json'), join(folder, 'package.json'))
  const worker = join(folder, 'dist/worker.js')
  writeFileSync(worker, `${line}\n${readFileSync(worker, 'utf8')}`)
  const command = { command: NODE, args: [join(folder, 'bin/kmemtop.cjs'), '-i', '300ms'], columns: 120, rows: 40 }
  const terminal = await openTerminal(command)
  try {
    await terminal.waitFor(/LIVE/, 15_000)
    await run(terminal)
  } finally {
    await terminal.close()
    rmSync(folder, { recursive: true })
  }
}

const LATER = 'const at = performance.now() + 1500; const load = Atomics.load; Atomics.load = (...a) => '

test('it dies: the terminal is as it was, and the reason stays on it', async () => {
  await withWorker(
    `${LATER}{ if (performance.now() > at) throw new Error('made to die'); return load(...a) }`,
    async terminal => {
      expect(await terminal.exited).toEqual({ code: 2, signal: null })
      expect(terminal.bufferType()).toBe('normal')
      expect(terminal.isCursorVisible()).toBe(true)
      expect(terminal.screen().join('\n')).toContain('kmemtop: stopped by an error of its own: made to die')
    },
  )
})

test('it hangs: the header says so, and q still ends the program', async () => {
  await withWorker(`${LATER}{ while (performance.now() > at); return load(...a) }`, async terminal => {
    await terminal.waitFor(/no reading for \d+ s/, 15_000)
    terminal.write('q')
    expect((await terminal.exited).code).toBe(0)
  })
})
