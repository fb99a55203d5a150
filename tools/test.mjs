// Runs the tests: `npm test [-- --full] [vitest's own words]`. --full (or KMEMTOP_FULL=1) runs every case: all sizes of
// the golden frames, all rounds of the property tests, the large scenarios at every point, and the virtual machines.
// Without any words the checks and the groups of vitest.config.ts run at the same time: most of them wait for a program.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const words = process.argv.slice(2)
const isFull = words.includes('--full') || process.env.KMEMTOP_FULL === '1'
const env = { ...process.env, ...(isFull ? { KMEMTOP_FULL: '1' } : {}) }

async function runInTurn() {
  const given = words.filter(word => word !== '--full')
  const [check] = await runCommand('npm', ['run', '-s', 'check'])
  if (check !== 0) return check
  const [status, signal] = await runCommand('vitest', ['run', ...given])
  if (signal) process.kill(process.pid, signal)
  return status ?? 1
}

const runCommand = (command, args) => once(spawn(command, args, { stdio: 'inherit', env }), 'exit')

// The groups of vitest.config.ts, those that wait for programs first.
const PARTS = {
  slab: 'vitest run --project slab',
  kills: 'vitest run --project kills',
  programs: 'vitest run --project programs',
  unit: 'vitest run --project unit',
  check: 'npm run -s check',
}

async function runTogether() {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const runPart = async ([name, command]) => {
    const child = spawn('sh', ['-c', `exec ${command} 2>&1`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...env, ...color },
    })
    const closed = once(child, 'close')
    for await (const line of createInterface({ input: child.stdout })) console.log(`${name.padEnd(8)} ${line}`)
    const [status] = await closed
    return { name, status }
  }
  const failed = (await Promise.all(Object.entries(PARTS).map(runPart))).filter(({ status }) => status !== 0)
  console.log(failed.length === 0 ? 'all passed' : `failed: ${failed.map(({ name }) => name).join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

process.exit(words.length === 0 && !isFull ? await runTogether() : await runInTurn())
