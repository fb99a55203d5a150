import { readFileSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { testUnless } from './test-unless.ts'
import { canTmux, openTmux } from './tmux.ts'

testUnless(canTmux())('a program is stopped by Ctrl-Z, continued by fg, resized and quit', async () => {
  const tmux = await openTmux({ columns: 80, rows: 20 })
  onTestFinished(() => tmux.close())
  tmux.type('sh -c \'trap "stty size" WINCH; stty size; while :; do sleep 0.02; done\'')
  tmux.press('Enter')
  await tmux.waitFor(/^20 80$/m)
  expect(tmux.readVariable('pane_current_command')).toBe('sh')
  tmux.press('C-z')
  await tmux.waitFor(/Stopped/)
  tmux.type('fg\r')
  await tmux.waitFor(/fg\n/)
  tmux.resize(60, 15)
  await tmux.waitFor(/^15 60$/m)
  expect(tmux.screen()).toHaveLength(15)
  tmux.press('C-c')
  tmux.type('echo "[$CI$VITEST]"\r')
  await tmux.waitFor(/\[\]$/m)
})

testUnless(canTmux())('the server is gone afterwards, with the shell', async () => {
  const tmux = await openTmux({ columns: 80, rows: 20 })
  await tmux.close()
  await expect.poll(() => alive(tmux.shellPid)).toBe(false)
})

/** Not merely an entry that nobody waited for: what inherits orphans may be slow to do so, or never do it. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
