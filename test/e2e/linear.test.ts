// --linear in a real terminal: lines only, no control sequence, keys as lines; and a recording as the list of its changes.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { PROGRAM } from './program.ts'

test('a screen reader gets lines: nothing is redrawn, and keys are answered', async () => {
  const env = { INK_SCREEN_READER: 'true' }
  const terminal = await openTerminal({ command: PROGRAM, columns: 100, rows: 40, env, keepBytes: true })
  try {
    await terminal.waitFor(/kmemtop on [\s\S]*?: Linux [\s\S]*\? lists the keys/)
    terminal.write('?\r')
    await terminal.waitFor(/3: Slab[\s\S]*q: quit/)
    terminal.write('m deploy 7\r')
    await terminal.waitFor(/\d\d:\d\d:\d\d mark: deploy 7/)
    terminal.write('q\r')
    expect(await terminal.exited).toEqual({ code: 0, signal: null })
    expect(terminal.rawBytes().bytes.includes(0x1b)).toBe(false)
    expect(terminal.readTermios()).toBe(terminal.initialTermios)
  } finally {
    await terminal.close()
  }
})

test('a recording is printed as its changes', () => {
  const file = fileURLToPath(new URL('../../snapshots/v2-pod-limit-oom/session.kmem', import.meta.url))
  const { stdout, status } = spawnSync(PROGRAM, ['replay', '--linear', file], {
    encoding: 'utf8',
    env: createTerminalEnv(),
  })
  const lines = stdout.trimEnd().split('\n')
  expect(status).toBe(0)
  expect(lines[0]).toMatch(/^kmemtop on lab: Linux 6\.12\S*, 446 MiB of RAM, cgroup v2$/)
  expect(lines.filter(line => / critical: OOM KILL: java\[230\]/.test(line))).toHaveLength(1)
  expect(lines.at(-1)).toMatch(/^the recording ends: .*alerts: OOM KILL/)
  expect(stdout).not.toMatch(/\x1b/)
})
