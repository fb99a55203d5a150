// What watching several nodes costs here: CPU and memory of kmemtop in a terminal, with one node open and all others listed.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const COUNTS = [1, 5, 20]
const SETTLING = 30 // seconds after which each source has been read several times
const MAX_SECONDS = 30 // per count: all counts together take less than four minutes
const MAX_START = 120_000 // ms

/** CPU seconds of the process alone, without the shells that it started. */
function readOwnCpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const readRss = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

async function measure(nodes: number, { seconds, progress }: Settings): Promise<Row> {
  progress(`${nodes} nodes`)
  const args = Array.from({ length: nodes }, () => ['--via', 'exec sh']).flat()
  const terminal = await openTerminal({ command: PROGRAM, args, columns: 160, rows: 40 })
  const { pid } = terminal
  try {
    if (nodes > 1) {
      await terminal.waitFor(/ 0 without data/, MAX_START)
      terminal.write('\r')
    }
    await terminal.waitFor(/● LIVE/, MAX_START)
    await sleep(SETTLING * 1000)
    const [before, treeBefore, begun] = [readOwnCpu(pid), measureUsage(pid), process.hrtime.bigint()]
    let rss = 0
    for (let second = 0; second < Math.min(seconds, MAX_SECONDS); second++) {
      await sleep(1000)
      rss = Math.max(rss, readRss(pid))
    }
    const elapsed = Number(process.hrtime.bigint() - begun) / 1e9
    const own = readOwnCpu(pid) - before
    const all = measureUsage(pid).cpuSeconds - treeBefore.cpuSeconds
    return {
      nodes,
      'RSS MB': roundTo(rss / 2 ** 20),
      'CPU %': roundTo((own / elapsed) * 100),
      'CPU % with the shells': roundTo((all / elapsed) * 100),
    }
  } finally {
    await terminal.close()
  }
}

async function run(settings: Settings) {
  const rows: Row[] = []
  for (const count of COUNTS) rows.push(await measure(count, settings))
  return {
    title: 'Several nodes in one kmemtop, a sample a second each',
    notes: [
      'In a terminal, one node open. Each node is this machine over a shell. RSS: the largest of each second, after half a minute.',
    ],
    rows,
  }
}

/** What a list of nodes costs here. */
export const nodes: Bench = { about: 'CPU and memory of kmemtop with 1, 5 and 20 nodes over --via', run }
