// Runs the tests: `npm test [-- --full] [--reports FOLDER] [vitest's own words]`. --full (or KMEMTOP_FULL=1) runs every case: all
// sizes of the golden frames, all rounds of the property tests, the large scenarios at every point, and the virtual machines.
// --reports writes a report in JSON for each group of vitest.config.ts. Without vitest's own words the checks and the groups
// run at the same time, because most of them wait for a program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

const { values, tokens } = parseArgs({
  options: { full: { type: 'boolean' }, reports: { type: 'string' } },
  strict: false,
  tokens: true,
})
const isOwn = token => token.kind === 'option' && ['full', 'reports'].includes(token.name)
const ownWords = tokens
  .filter(isOwn)
  .flatMap(({ index, value, inlineValue }) => (value === undefined || inlineValue ? [index] : [index, index + 1]))
const words = process.argv.slice(2).filter((_, index) => !ownWords.includes(index))
const isFull = values.full === true || process.env.KMEMTOP_FULL === '1'
const env = { ...process.env, ...(isFull ? { KMEMTOP_FULL: '1' } : {}) }

async function runInTurn() {
  const [check] = await runCommand('npm', ['run', '-s', 'check'])
  if (check !== 0) return check
  const [status, signal] = await runCommand('vitest', ['run', ...words])
  if (signal) process.kill(process.pid, signal)
  return status ?? 1
}

const runCommand = (command, args) => once(spawn(command, args, { stdio: 'inherit', env }), 'exit')

const CHECK = ['check', 'npm', 'run', '-s', 'check']

const toGroup = name => {
  const report = values.reports ? ['--reporter=json', `--outputFile=${join(values.reports, `${name}.json`)}`] : []
  return [name, 'vitest', 'run', '--project', name, '--reporter=default', ...report]
}

// Those that wait for programs are the first. In a full run those that measure have the machine for themselves.
const GROUPS = [...['kernel', 'programs', 'unit'].map(toGroup), CHECK]
const MEASURES = toGroup('measures')
const ROUNDS = isFull ? [GROUPS, [MEASURES]] : [[MEASURES, ...GROUPS]]

/** Runs a command with its name before each line; returns the name if it failed. */
async function runPart([name, command, ...args]) {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, ...color },
  })
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) console.log(`${name.padEnd(8)} ${line}`)
  const [status] = await closed
  return status === 0 ? [] : [name]
}

async function runTogether() {
  const failed = []
  for (const parts of ROUNDS) failed.push(...(await Promise.all(parts.map(runPart))).flat())
  console.log(failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

process.exit(words.length === 0 ? await runTogether() : await runInTurn())
