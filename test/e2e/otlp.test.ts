// --otlp of the programs that run as a service: they push while they run and at their end, and a receiver that hangs holds nothing up.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startOtlpReceiver } from '../helpers/otlp-receiver.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { PROGRAM } from './program.ts'

const folder = createTemporaryFolder()
const ROOT = new URL('../fixtures/6.12', import.meta.url).pathname
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function run(words: readonly string[]): Promise<{ code: number; errors: string }> {
  const program = spawn(PROGRAM, [...words, '--root', ROOT, '--kmsg', 'off', '-i', '250ms', '-n', '8'], {
    env: { ...createTerminalEnv(), OTEL_SERVICE_NAME: 'kmemtop-test' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  program.stderr.on('data', chunk => {
    errors += chunk
  })
  const [code] = await once(program, 'close')
  return { code, errors }
}

test.each([
  ['serve', ['--listen', '0']],
  ['agent', ['--listen', '0', '-o', `${folder}/`]],
  ['record', ['-o', join(folder, 'one.kmem')]],
])('%s pushes what it samples, and the last sample at its end', async (command, words) => {
  const { pushes, url, close } = await startOtlpReceiver()
  closers.push(close)
  const { code, errors } = await run([command, ...words, '--otlp', url, '--otlp-interval', '1s'])
  expect([code, errors]).toEqual([0, expect.not.stringMatching(/otlp|internal error/)])
  expect(pushes.length).toBeGreaterThanOrEqual(2)
  expect(pushes[0]!.resource).toMatchObject({ 'service.name': 'kmemtop-test' })
  const names = pushes.at(-1)!.points.map(({ labels }) => labels.name)
  expect(names).toContain('SUnreclaim')
})

test('a receiver that never answers does not keep it from ending', async () => {
  const { pushes, url, close } = await startOtlpReceiver({ answer: () => {} })
  closers.push(close)
  const { code } = await run(['serve', '--listen', '0', '--otlp', url, '--otlp-interval', '1s'])
  expect([code, pushes.length > 0]).toEqual([0, true])
})

test.each([
  ['no URL', ['--otlp', 'collector:4318']],
  ['a token that is missing', ['--otlp', 'http://127.0.0.1:1', '--otlp-token-file', join(folder, 'nosuch')]],
])('%s is one sentence and code 2', async (_, words) => {
  const { code, errors } = await run(['record', '-o', join(folder, 'two.kmem'), '-q', ...words])
  expect(code).toBe(2)
  expect(errors).toMatch(/^kmemtop: .*(--otlp: expected a URL|cannot read).*\n$/)
  expect(existsSync(join(folder, 'two.kmem'))).toBe(false)
})
