// The cost without a terminal: text output once a second, thrown away.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createTerminalEnv } from '../test/helpers/pty.ts'
import { type Bench, buildMissingRows, measureInTurn, type Row, roundTo, type Settings } from './bench.ts'
import { measureDescendants } from './measure.ts'
import type { Program } from './peers.ts'

// bash counts to the millisecond, and counts what ended too
const TIMED = 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null 2>/dev/null; exit $?'

async function measure(program: Program, n: number): Promise<Row> {
  const words = [program.command, ...program.headless!(n)]
  const shell = spawn('bash', ['-c', TIMED, 'bash', ...words], {
    env: createTerminalEnv(program.env),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let [times, rss] = ['', 0]
  shell.stderr.on('data', data => {
    times += data
  })
  const poller = setInterval(() => {
    rss = Math.max(rss, measureDescendants(shell.pid!).rss)
  }, 500)
  const [code] = await once(shell, 'close')
  clearInterval(poller)
  const [user = 0, system = 0, elapsed = 0] = times.trim().split(' ').map(Number)
  return {
    program: program.name,
    'CPU s/min': roundTo(((user + system) / elapsed) * 60),
    'user s': user,
    'system s': system,
    seconds: elapsed,
    'peak RSS MB': roundTo(rss / 2 ** 20),
    note: code === 0 ? undefined : `ended with ${code}`,
  }
}

async function run({ programs, seconds, progress }: Settings) {
  const items = programs.filter(program => program.headless).map(program => ({ program }))
  const outcome = await measureInTurn(items, 1, ({ program }) => {
    progress(`headless ${program.name}`)
    return measure(program, seconds)
  })
  return {
    title: `Text output to /dev/null, ${seconds} times, once a second`,
    notes: ['One after another. The start-up is counted as well. RSS: the largest of samples every 0.5 s.'],
    rows: [...outcome.samples, ...buildMissingRows(outcome)],
  }
}

/** The cost without a screen. */
export const headless: Bench = { about: 'CPU and memory of batch output', run }
