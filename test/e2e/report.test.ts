// The HTML report in a real browser: charts are drawn, nothing is requested, print works.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
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
  return browsePage(page, ...args)
}

function browsePage(path: string, ...args: readonly string[]): string {
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
  return spawnSync('chromium', [...options, profile, ...args, `file://${path}`], {
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

/** The page with a script of ours at its end; what it writes to `data-found` of the body is returned. */
function runInPage(script: string): unknown {
  const path = join(folder, 'with-script.html')
  const whole = readFileSync(page, 'utf8')
  writeFileSync(
    path,
    whole.replace('</body>', () => `<script>${script.replaceAll('</script', '<\\/script')}</script></body>`),
  )
  const found = /<body[^>]* data-found="([^"]*)"/.exec(browsePage(path, '--dump-dom'))?.[1]
  return JSON.parse((found ?? 'null').replaceAll('&quot;', '"').replaceAll('&amp;', '&'))
}

const REPORT = 'found => { document.body.dataset.found = JSON.stringify(found) }'

testUnless(noBrowser)('axe finds no serious fault', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const found = runInPage(`${axe};axe.run().then(({ violations, passes }) => (${REPORT})({
    checked: passes.length,
    faults: violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 200)),
  }))`) as { readonly checked: number; readonly faults: readonly string[] }
  expect(found.faults).toEqual([])
  expect(found.checked).toBeGreaterThan(10)
})

testUnless(noBrowser)('loads nothing, and the policy of the page forbids it', () => {
  const found =
    runInPage(`const loaded = performance.getEntriesByType('resource').length; const image = new Image(); const violated = new Promise(resolve =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective)));
    image.src = 'http://127.0.0.1:9/x.png';
    violated.then(directive => (${REPORT})({ directive, loaded }))`)
  expect(found).toEqual({ directive: 'img-src', loaded: 0 })
})

testUnless(noBrowser)('charts and wide tables take the focus, and arrow keys move the cursor of a chart', () => {
  const found = runInPage(`addEventListener('load', () => {
    const plot = document.querySelector('.plot')
    const press = key => plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    const read = () => plot.querySelector('.u-legend .u-value').textContent
    const focusable = [...document.querySelectorAll('.plot, .wide')].every(one => (one.focus(), document.activeElement === one))
    press('End'); const last = read()
    press('Home'); const first = read()
    press('ArrowRight'); const second = read()
    ;(${REPORT})({ focusable, first, second, last })
  })`) as Readonly<Record<string, unknown>>
  const times = [found.first, found.second, found.last]
  expect(found.focusable).toBe(true)
  expect(times.map(time => Number.isNaN(Date.parse(`${time}Z`)))).toEqual([false, false, false])
  expect(times.toSorted()).toEqual(times)
  expect(new Set(times).size).toBe(3)
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
