// `kmemtop run --tui`: the live screen with the command's output in it, and the report when it is over.
// A saved node is sampled, so that nothing else on this machine is judged.
import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, expect, test } from 'vitest'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'
import { PROGRAM } from './program.ts'
import { makeTree } from './tree.ts'

const tree = makeTree()
afterAll(tree.remove)
const SHORT = ['-i', '200ms', '--control', '1s', '--settle', '1s', '--kmsg', 'off', '--root', tree.root]
const TIMEOUT = 60_000

let terminal: Terminal | undefined
afterEach(async () => terminal?.close())

async function openRun(script: string): Promise<Terminal> {
  const args = ['run', '--tui', ...SHORT, '--', 'sh', '-c', script]
  terminal = await openTerminal({ command: PROGRAM, args, columns: 120, rows: 90 }) // a busy node has a long report
  return terminal
}

test(
  'the panels and the output are on one screen, and the report follows on the terminal',
  async () => {
    const open = await openRun('for n in 1 2 3; do printf "\\033[31mstage $n\\033[0m\\n"; done; sleep 2; echo over')
    const screen = await open.waitFor(/│stage 3/, TIMEOUT)
    expect(screen).toMatch(/MEMORY/)
    expect(screen).toMatch(/OUTPUT sh -c .*running the command/)
    expect(screen).toMatch(/^│stage 3 +│$/m)
    expect(open.bufferType()).toBe('alternate')
    await open.waitFor(/Cannot tell: 1 iteration/, TIMEOUT)
    expect(open.bufferType()).toBe('normal')
    expect(await open.exited).toEqual({ code: 2, signal: null })
  },
  2 * TIMEOUT,
)

test(
  'q ends the command, and the report still comes',
  async () => {
    const open = await openRun('echo started; exec sleep 600')
    await open.waitFor(/│started/, TIMEOUT)
    open.write('q')
    await open.waitFor(/1 execution, 1 judged, interrupted/, TIMEOUT)
    expect(await open.exited).toEqual({ code: null, signal: 'SIGTERM' }) // 143, as a shell gives it
  },
  2 * TIMEOUT,
)

test('without a terminal --tui is one sentence', () => {
  const { status, stderr } = spawnSync(PROGRAM, ['run', '--tui', '--', 'true'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, expect.stringContaining('--tui needs a terminal')])
})
