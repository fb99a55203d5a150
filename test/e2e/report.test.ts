// The HTML report in a real browser: charts are drawn, nothing is requested, print works.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { PROGRAM } from './program.ts'

const folder = createTemporaryFolder()
const page = join(folder, 'report.html')
const recording = fileURLToPath(new URL('../../snapshots/v1-incident-310/session.kmem', import.meta.url))
const noBrowser =
  spawnSync('chromium', ['--version']).status === 0 ? undefined : 'chromium is missing: apt-get install chromium'

function browse(...args: readonly string[]): string {
  const options = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--virtual-time-budget=5000',
  ]
  const profile = `--user-data-dir=${join(folder, 'profile')}`
  return spawnSync('chromium', [...options, profile, ...args, `file://${page}`], {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  }).stdout
}

beforeAll(() => {
  const { status, stderr } = spawnSync(PROGRAM, ['report', recording, '-o', page], {
    encoding: 'utf8',
    env: createTerminalEnv(),
  })
  if (status !== 0) throw new Error(stderr)
})

testUnless(noBrowser)('draws a chart for each figure', () => {
  const dom = browse('--dump-dom')
  const figures = dom.match(/data-chart="/g)?.length ?? 0
  expect(figures).toBeGreaterThan(4)
  expect(dom).toContain(`data-ready="${figures}"`)
})

testUnless(noBrowser)('prints as a PDF', () => {
  const pdf = join(folder, 'report.pdf')
  browse(`--print-to-pdf=${pdf}`)
  expect(readFileSync(pdf).subarray(0, 5).toString()).toBe('%PDF-')
})

test('36 hours are under a megabyte, readable by the owner only', () => {
  expect(statSync(page).size).toBeLessThan(1_000_000)
  expect(statSync(page).mode & 0o777).toBe(0o600)
})

test('an existing file is not overwritten, and a wrong name is refused', () => {
  const run = (output: string) =>
    spawnSync(PROGRAM, ['report', recording, '-o', output], { encoding: 'utf8', env: createTerminalEnv() })
  expect(run(page)).toMatchObject({ status: 2, stderr: expect.stringContaining('report.html exists; name a new file') })
  expect(run(join(folder, 'report.pdf'))).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('a name that ends in .html or .md'),
  })
})
