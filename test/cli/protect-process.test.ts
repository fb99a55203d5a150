// The OOM score: lowered where it is permitted, said where not, and not inherited by the commands that kmemtop starts.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resetOomScore } from '../../src/cli/protect-process.ts'

const MODULE = new URL('../../src/cli/protect-process.ts', import.meta.url).pathname
const SCRIPT = `
  const { lowerOomScore, resetOomScore } = await import('${MODULE}')
  const { readFileSync } = await import('node:fs')
  const { execFileSync } = await import('node:child_process')
  const problem = lowerOomScore() ?? null
  const child = execFileSync('sh', ['-c', resetOomScore('cat /proc/self/oom_score_adj')], { encoding: 'utf8' })
  console.log(JSON.stringify({ problem, own: Number(readFileSync('/proc/self/oom_score_adj', 'utf8')), child: Number(child) }))
`

const run = (...words: readonly string[]) => {
  const [command, ...rest] = [...words, process.execPath, '--input-type=module', '-e', SCRIPT]
  return JSON.parse(spawnSync(command!, rest, { encoding: 'utf8' }).stdout)
}

test('the score is lowered, or the reason is said; a command that is started has the usual score', () => {
  const before = Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
  const { problem, own, child } = run()
  if (problem === null) expect(own).toBeLessThanOrEqual(-500)
  else expect([problem, own]).toEqual([expect.stringContaining('OOM score not lowered (EACCES'), before])
  expect(child).toBe(0)
})

test('a command runs as well where the score cannot be written', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', resetOomScore('echo ran; exit 3')], {
    encoding: 'utf8',
  })
  expect([status, stdout, stderr]).toEqual([3, 'ran\n', ''])
})
