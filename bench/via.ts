// What --via costs on the far side, and here: CPU and memory of the shell with all it starts, and of kmemtop, beside real cgroups.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { canMkdirCgroups, mkdirCgroups } from '../test/helpers/trouble.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const SIZES = [50, 200, 1000]
const SHELLS = ['dash', 'busybox sh', 'bash']
const SETTLING = 15 // seconds after which every file has been read once

const isThere = (shell: string): boolean =>
  spawnSync('/bin/sh', ['-c', `${shell} -c :`], { stdio: 'ignore' }).status === 0

/** The processes that `pid` started. */
function listChildren(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').filter(Boolean).map(Number)
}

// The shell is started by the sampling thread, which is its parent for the kernel too.
function findShell(pid: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const [shell] = [...listChildren(pid), ...stdout.trim().split(/\s+/).filter(Boolean).map(Number)]
  if (shell === undefined) throw new Error('kmemtop has started no shell')
  return shell
}

function readPss(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1]) * 1024
}

async function measure(shell: string, cgroups: number, { seconds, progress }: Settings): Promise<Row> {
  progress(`via ${shell}, ${cgroups} cgroups`)
  const output = ['-b', '--json', '-i', '1s', '--via', `exec ${shell}`]
  const near = spawn(PROGRAM, output, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await sleep(SETTLING * 1000)
    const far = findShell(near.pid!)
    const [farBefore, allBefore, begun] = [measureUsage(far), measureUsage(near.pid!), process.hrtime.bigint()]
    let rss = 0
    const polls = Math.max(1, Math.round(seconds / 2))
    for (let poll = 0; poll < polls; poll++) {
      await sleep(1000)
      rss = Math.max(rss, Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${far}/status`, 'utf8'))?.[1]) * 1024)
    }
    const elapsed = Number(process.hrtime.bigint() - begun) / 1e9
    const farCpu = measureUsage(far).cpuSeconds - farBefore.cpuSeconds
    const allCpu = measureUsage(near.pid!).cpuSeconds - allBefore.cpuSeconds
    return {
      shell,
      cgroups,
      'far ms/sample': roundTo((farCpu / elapsed) * 1000),
      'far CPU %': roundTo((farCpu / elapsed) * 100),
      'far RSS MB': roundTo(rss / 2 ** 20),
      'far PSS MB': roundTo(readPss(far) / 2 ** 20),
      'near CPU %': roundTo(((allCpu - farCpu) / elapsed) * 100),
    }
  } finally {
    near.kill()
    await once(near, 'exit')
  }
}

async function run(settings: Settings) {
  const reason = canMkdirCgroups()
  if (reason !== undefined) return { title: 'Over --via', notes: [`not measured: ${reason}`], rows: [] }
  const rows: Row[] = []
  for (const size of SIZES) {
    const { release } = mkdirCgroups(size)
    try {
      for (const shell of SHELLS.filter(isThere)) rows.push(await measure(shell, size, settings))
    } finally {
      await release()
    }
  }
  return {
    title: 'Over --via, a sample a second',
    notes: [
      'far: CPU of the shell and all it starts (ssh and sshd come on top). near: kmemtop -b --json, after 15 s.',
      'MB: 2^20 bytes. RSS of the shell counts pages that it shares with other programs (libc) in full, PSS its part of them.',
    ],
    rows,
  }
}

/** What reading another node costs. */
export const via: Bench = { about: 'CPU and memory of --via, on the far side and here', run }
