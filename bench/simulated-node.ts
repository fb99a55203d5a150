// A node that only seems to be: real texts of a 6.12 node whose numbers walk on, with as many pods as wanted. The samplers
// read it like any other, at the pace of a clock that jumps: a day of recording in a minute. How many lines change a
// second is that of a busy node (24 of meminfo, 53 of vmstat, 70 of slabinfo; a twentieth of the pods hot).
import { readFileSync } from 'node:fs'
import type { Host } from '../src/collectors/collector.ts'
import { createRandom } from '../test/seeded-random.ts'

const FIXTURES = new URL('../test/fixtures/6.12', import.meta.url).pathname
const MOUNT = '/sys/fs/cgroup'
const readFixture = (path: string): string => readFileSync(`${FIXTURES}${path}`, 'latin1')

type Random = () => number

/** Not a number that walks: each rise is an OOM kill. */
const KILLS = /^oom_kill /

/** A text whose numbers walk. */
class RandomWalkText {
  private readonly words: (string | number)[][]
  private readonly lines: string[]
  private readonly rate: number
  private text: string
  private readAt = 0

  /** @param rate lines that change a second */
  constructor(text: string, rate: number) {
    this.rate = rate
    this.text = text
    this.lines = text.split('\n')
    this.words = this.lines.map(line => (KILLS.test(line) ? [line] : splitNumbers(line)))
  }

  advanceTo(time: number, random: Random): string {
    const wanted = (this.rate * (time - this.readAt)) / 1000
    this.readAt = time
    const changes = Math.min(this.words.length, Math.floor(wanted) + (random() < wanted % 1 ? 1 : 0))
    for (let i = 0; i < changes; i++) this.step(random)
    if (changes > 0) this.text = this.lines.join('\n')
    return this.text
  }

  private step(random: Random): void {
    const line = Math.floor(random() * this.words.length)
    const words = this.words[line]!
    const at = words.findIndex(word => typeof word === 'number')
    if (at < 0) return
    const value = words[at] as number
    words[at] = Math.max(0, Math.round(value + (random() - 0.5) * Math.max(8, value * 0.002)))
    this.lines[line] = words.join('')
  }
}

const splitNumbers = (line: string): (string | number)[] =>
  line.split(/(\b\d+\b)/).map((word, i) => (i % 2 === 1 ? Number(word) : word))

const drawHex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('')

interface Pod {
  readonly path: string
  readonly inode: number
  readonly current: RandomWalkText
  readonly stat: RandomWalkText
}

export interface SimulatedNode extends Host {
  /** session milliseconds: what is read from now on is that of then */
  goTo(time: number): void
}

/** Changes per second: every 20th pod is busy, every fourth is active, the others idle. */
const ACTIVITY = [
  { every: 20, rate: 20 },
  { every: 4, rate: 6 },
  { every: 1, rate: 0.02 },
]

/** A node with so many cgroups. */
export function createSimulatedNode(cgroups: number, seed = 1): SimulatedNode {
  const random = createRandom(seed)
  let now = 0
  let inode = 100
  let replacedAt = 0
  const stat = readFixture(`${MOUNT}/system.slice/memory.stat`)
  const createPod = (i: number): Pod => {
    const uid = [8, 4, 4, 4, 12].map(digits => drawHex(random, digits)).join('_')
    const { rate } = ACTIVITY.find(({ every }) => i % every === 0)!
    return {
      path: `${MOUNT}/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${uid}.slice`,
      inode: ++inode,
      current: new RandomWalkText(`${Math.floor(random() * 2 ** 30)}\n`, Math.min(1, rate)),
      stat: new RandomWalkText(stat, rate),
    }
  }
  const pods = Array.from({ length: Math.max(1, cgroups - 3) }, (_, i) => createPod(i))
  const byPath = new Map(pods.map(pod => [pod.path, pod]))
  const above = [MOUNT, `${MOUNT}/kubepods.slice`, `${MOUNT}/kubepods.slice/kubepods-burstable.slice`]
  const files = new Map<string, RandomWalkText>([
    ['/proc/meminfo', new RandomWalkText(readFixture('/proc/meminfo'), 24)],
    ['/proc/vmstat', new RandomWalkText(readFixture('/proc/vmstat'), 53)],
    ['/proc/slabinfo', new RandomWalkText(readFixture('/proc/slabinfo'), 70)],
    ['/proc/pressure/memory', new RandomWalkText(readFixture('/proc/pressure/memory'), 1)],
    [`${MOUNT}/cgroup.stat`, new RandomWalkText(readFixture(`${MOUNT}/cgroup.stat`), 0.1)],
  ])
  const fixed = new Map(
    ['/proc/uptime', '/proc/cgroups', '/proc/1/mountinfo', `${MOUNT}/cgroup.controllers`].map(path => [
      path,
      readFixture(path),
    ]),
  )
  const missing = new Map<string, Error>() // the stack of an error takes as long as all else of a read
  const throwNotFound = (path: string): never => {
    const error = missing.get(path) ?? new Error(`ENOENT: no such file or directory, open '${path}'`)
    missing.set(path, error)
    throw Object.assign(error, { code: 'ENOENT' })
  }
  const readPodFile = (path: string): string | undefined => {
    const slash = path.lastIndexOf('/')
    const pod = byPath.get(path.slice(0, slash))
    const name = path.slice(slash + 1)
    if (name === 'memory.events') return pod && 'low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n'
    if (name === 'memory.max') return pod && '2147483648\n'
    if (name === 'memory.current') return pod?.current.advanceTo(now, random)
    return name === 'memory.stat' ? pod?.stat.advanceTo(now, random) : undefined
  }
  // one pod a minute is replaced
  const replace = (): void => {
    const i = Math.floor(random() * pods.length)
    byPath.delete(pods[i]!.path)
    pods[i] = createPod(i)
    byPath.set(pods[i].path, pods[i])
  }
  return {
    processes: ['1'],
    goTo: time => {
      now = time
      for (; now - replacedAt >= 60_000; replacedAt += 60_000) replace()
    },
    readFile: path =>
      files.get(path)?.advanceTo(now, random) ?? fixed.get(path) ?? readPodFile(path) ?? throwNotFound(path),
    listDirectory: path => throwNotFound(path),
    listSubdirectories: path => {
      const at = above.indexOf(path)
      if (at === 2) return pods.map(pod => pod.path.slice(path.length + 1))
      return at < 0 ? [] : [above[at + 1]!.slice(path.length + 1)]
    },
    statFile: path => {
      const at = above.indexOf(path)
      if (at >= 0) return { inode: at + 1, links: at === 2 ? 2 + pods.length : 3 }
      return { inode: byPath.get(path)?.inode ?? throwNotFound(path), links: 2 }
    },
    readLink: () => undefined,
    drainDevice: path => throwNotFound(path),
    watchDirectory: () => undefined,
  }
}
