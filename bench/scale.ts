// What many cgroups cost: each part of a tick by itself, and the whole program, on generated trees and on real cgroups.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInitialState, updateState } from '../src/app/state.ts'
import { appendReading, createHistory, type History } from '../src/history.ts'
import { getPanel } from '../src/panels/index.ts'
import { createSystemClock } from '../src/sampling/clock.ts'
import { createLocalHost } from '../src/sampling/local-host.ts'
import { readRecordingHeader } from '../src/sampling/recording-header.ts'
import { createSampler } from '../src/sampling/sampler.ts'
import { createPen } from '../src/widgets/pen.ts'
import { openTerminal } from '../test/helpers/terminal.ts'
import { canMkdirCgroups, mkdirCgroups } from '../test/helpers/trouble.ts'
import { mean, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'
import { makeNode } from './node-tree.ts'
import type { Program } from './peers.ts'

const SIZES = [200, 1000, 5000, 10_000]
const TICKS = 40
const SETTLING_SAMPLES = 12 // samples after which a tree of 10,000 has been read once
const MOVING = 0.05 // share of the cgroups that use another amount at each tick

interface Ticks {
  readonly sample: readonly number[]
  readonly fold: readonly number[]
  readonly draw: readonly number[]
  readonly history: History
}

/** Samples, folds and draws without the program around it, session seconds apart; what is slow shows in its own column. */
function measureTicks(root: string, move: () => void, count = TICKS): Ticks {
  const clock = createSystemClock()
  const host = createLocalHost(root)
  const pen = createPen({ level: 3, ascii: false })
  const source = createSampler('cgroups', host, clock, { interval: 1000 })
  const measureTime = <T>(into: number[], part: () => T): T => {
    const begin = clock.now()
    const result = part()
    into.push(clock.now() - begin)
    return result
  }
  const [sample, fold, draw]: [number[], number[], number[]] = [[], [], []]
  let history = createHistory(readRecordingHeader(host, clock, 1000))
  for (let tick = 0; tick < count; tick++) {
    move()
    const begin = clock.now()
    const reading = measureTime(sample, () => source.sample(false))
    history = measureTime(fold, () => appendReading(history, reading))
    const state = updateState(createInitialState(history), { type: 'view', panel: 'cgroups' })
    measureTime(draw, () =>
      getPanel('cgroups').draw(state, { pen, width: 118, height: 38, full: true, focused: true, span: 900_000 }),
    )
    while (clock.now() - begin < 1000) Atomics.wait(NEVER, 0, 0, 1000 - (clock.now() - begin))
  }
  host.close()
  return { sample, fold, draw, history }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4))

interface Cost {
  readonly cpu: number
  readonly rss: number
}

/** CPU share and most RSS of a program that runs for some seconds. */
async function measureCost(pid: number, settings: Settings): Promise<Cost> {
  await sleep(settings.warmup * 1000)
  const [before, begin] = [measureUsage(pid), process.hrtime.bigint()]
  let rss = 0
  for (let second = 0; second < settings.seconds / 4; second++) {
    await sleep(1000)
    rss = Math.max(rss, measureUsage(pid).rss)
  }
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9
  return { cpu: ((measureUsage(pid).cpuSeconds - before.cpuSeconds) / seconds) * 100, rss }
}

async function measureProgram(command: string, args: readonly string[], settings: Settings): Promise<Cost> {
  const child = spawn(command, args, { stdio: 'ignore' })
  const cost = await measureCost(child.pid!, settings)
  child.kill()
  await once(child, 'close')
  return cost
}

/** The longest stops of the event loop in ms: in the first seconds of the program, and after them. */
interface LoopStalls {
  readonly start: number | undefined
  readonly after: number | undefined
}
const STARTED = 3 // seconds

async function measureOnScreen(
  command: string,
  args: readonly string[],
  settings: Settings,
): Promise<Cost & LoopStalls> {
  const folder = mkdtempSync(join(tmpdir(), 'kmt-loop-'))
  const file = join(folder, 'stops')
  const env = { LOOP_PROBE: file, NODE_OPTIONS: `--import=${new URL('loop-probe.mjs', import.meta.url)}` }
  const terminal = await openTerminal({ command, args, columns: 120, rows: 40, env })
  const cost = await measureCost(terminal.pid, settings)
  await terminal.close()
  const stops = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
  rmSync(folder, { recursive: true })
  const longest = (of: readonly number[]): number | undefined => (of.length > 0 ? roundTo(Math.max(...of)) : undefined)
  return { ...cost, start: longest(stops.slice(0, STARTED)), after: longest(stops.slice(STARTED)) }
}

/** A node with `size` cgroups; `move` changes some of their counters. */
interface MovingNode {
  readonly what: string
  readonly size: number
  readonly root: string
  readonly move: () => void
}

async function measureRow({ what, size, root, move }: MovingNode, kmemtop: Program, settings: Settings): Promise<Row> {
  settings.progress(`scale ${what} ${size}: ticks`)
  const { sample, fold, draw, history } = measureTicks(root, move)
  settings.progress(`scale ${what} ${size}: the program`)
  const mover = setInterval(move, 1000)
  const args = [...kmemtop.args, '--root', root]
  const text = await measureProgram(kmemtop.command, [...args, '-b'], settings)
  const screen = await measureOnScreen(kmemtop.command, args, settings)
  clearInterval(mover)
  const getSettledMean = (times: readonly number[]): number => mean(times.slice(SETTLING_SAMPLES))
  return {
    cgroups: `${size} ${what}`,
    found: history.cgroups.directories,
    'sample ms': roundTo(getSettledMean(sample)),
    'us/cgroup': roundTo((getSettledMean(sample) * 1000) / size),
    'first sample ms': roundTo(sample[0]!),
    'fold ms': roundTo(getSettledMean(fold)),
    'worst fold ms': roundTo(Math.max(...fold)),
    'draw ms': roundTo(getSettledMean(draw)),
    'worst draw ms': roundTo(Math.max(...draw.slice(1))),
    'text CPU %': roundTo(text.cpu),
    'text RSS MB': roundTo(text.rss / 2 ** 20),
    'screen CPU %': roundTo(screen.cpu),
    'screen RSS MB': roundTo(screen.rss / 2 ** 20),
    'worst stop ms': screen.after,
    'at the start ms': screen.start,
  }
}

async function run(settings: Settings) {
  const kmemtop = settings.programs.find(({ name }) => name === 'kmemtop')
  if (!kmemtop || kmemtop.missing) throw new Error(`scale: ${kmemtop?.missing ?? '--only must have kmemtop'}`)
  const rows: Row[] = []
  for (const size of SIZES) {
    const node = makeNode(size)
    try {
      rows.push(
        await measureRow(
          { what: 'generated', size, root: node.root, move: () => node.move(size * MOVING) },
          kmemtop,
          settings,
        ),
      )
    } finally {
      node.remove()
    }
  }
  const reason = canMkdirCgroups()
  for (const size of reason === undefined ? SIZES.slice(0, 3) : []) {
    const real = mkdirCgroups(size)
    try {
      rows.push(await measureRow({ what: 'real', size, root: '/', move: () => {} }, kmemtop, settings))
      for (const peer of settings.programs.filter(({ name }) => name === 'systemd-cgtop' || name === 'top'))
        rows.push(await measurePeerRow(peer, size, settings))
    } finally {
      await real.release()
    }
  }
  return {
    title: `Cost by the number of cgroups, one sample per second, ${MOVING * 100} % of the generated ones moving`,
    notes: [
      ...(reason === undefined ? [] : [`No real cgroups: ${reason}.`]),
      'sample: in the sampling thread. fold and draw: in the main thread, in turns of their own. CPU %: of one core, the whole program with text output, and as a live screen of 120x40; its start is left out.',
      'worst stop: how long the event loop of the live screen stood at most (whatever it was: folding, drawing, garbage collection, waiting for a core), with the 5 ms of the probe; at the start: in its first 3 seconds, loading included.',
      'Who reads what of each cgroup:',
      '  kmemtop: memory.events in turn within 1 s, memory.current within 5 s, memory.stat and the rest within 30 s (longer above 1,000 cgroups), all files of up to 64 hot ones each second; never memory.stat of the root.',
      '  systemd-cgtop: memory.current of each, each second (-m); top: nothing of cgroups.',
      '  below (not packaged by Debian, not measured): every 5 s all files of each cgroup of v2, memory.stat, events and pressure too; logs a sample above 500 ms; publishes no CPU figure.',
      '  cadvisor (not measured): all of each container once a second, memory.stat of the root too; its DaemonSet asks for 0.4 CPU and 400 MiB; ~40 % CPU in memory.stat where many cgroups are dead (cadvisor#1774), 3-8 s for that of the root (#2259).',
    ],
    rows,
  }
}

async function measurePeerRow(peer: Program, size: number, settings: Settings): Promise<Row> {
  const name = `${size} real, ${peer.name}`
  if (peer.missing) return { cgroups: name, note: peer.missing }
  settings.progress(`scale ${name}`)
  const { cpu, rss } = await measureProgram(peer.command, peer.headless!(100_000), settings)
  return { cgroups: name, 'text CPU %': roundTo(cpu), 'text RSS MB': roundTo(rss / 2 ** 20) }
}

/** The cost on nodes with many cgroups. */
export const scale = { about: 'cost per tick on 200 to 10,000 cgroups', run }
