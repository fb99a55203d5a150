// One load test of docs/examples/leaky-server, as a user would run it: what kmemtop said, and what other rules would have said.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { RunReportJson } from '../src/loadtest/report-json.ts'
import { findMemoryTree, type Group, limitMemory, makeGroup, removeGroup } from '../test/helpers/trouble/memory-tree.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const SERVER = new URL('../docs/examples/leaky-server/server.mjs', import.meta.url).pathname
/** The load generator, a script for Node. */
export const AUTOCANNON = createRequire(import.meta.url).resolve('autocannon')
const LIMIT = 512 * 2 ** 20

/** What is run. */
export interface LeakyCase {
  /** kind of docs/examples/leaky-server */
  readonly kind: string
  readonly isFixed: boolean
  /** another program takes and gives back memory meanwhile */
  readonly hasNeighbour: boolean
  readonly requests: number
  readonly repeat: number
  /** passed to kmemtop run */
  readonly options: readonly string[]
}

/** Resident memory of the server, bytes. */
interface ServerMemory {
  readonly before: number
  readonly after: number
  readonly max: number
}

export interface LeakyResult {
  readonly report: RunReportJson
  readonly server: ServerMemory
}

let made = 0

/** Puts load on a server under `kmemtop run`. */
export async function runLeakyServer(one: LeakyCase, folder: string): Promise<LeakyResult> {
  const neighbour = one.hasNeighbour ? startNeighbour() : undefined
  try {
    return await withServer([one.kind, ...(one.isFixed ? ['--fixed'] : [])], async ({ url, group, server }) => {
      const before = readStatus(server, 'VmRSS')
      const report = await runKmemtop(one, { url, group, output: join(folder, `${made}.json`) })
      const memory = { before, after: readStatus(server, 'VmRSS'), max: readStatus(server, 'VmHWM') }
      return { report, server: memory }
    })
  } finally {
    await stop(neighbour)
  }
}

/** A server that runs, in a cgroup of its own. */
export interface RunningServer {
  readonly url: string
  readonly group: Group
  readonly server: ChildProcess
}

/** Starts the server in a cgroup of its own, and removes both after `use`. @param words what follows `server.mjs` */
export async function withServer<Result>(
  words: readonly string[],
  use: (server: RunningServer) => Promise<Result>,
): Promise<Result> {
  const tree = findMemoryTree()
  if (!tree) throw new Error('no memory cgroups here')
  const group = makeGroup(tree, `kmt-loadtest-${process.pid}-${++made}`)
  let server: ChildProcess | undefined
  try {
    limitMemory(group, LIMIT)
    server = spawnServer(words, group)
    return await use({ url: await readUrl(server), group, server })
  } finally {
    await stop(server)
    await removeGroup(group)
  }
}

// A small young generation: garbage is collected in every execution, as it is under a load of minutes.
function spawnServer(words: readonly string[], { directory }: Group): ChildProcess {
  return spawn(
    'sh',
    [
      '-c',
      'ulimit -n 100000 2>/dev/null; echo $$ > "$0/cgroup.procs"; exec "$@"',
      directory,
      process.execPath,
      '--max-semi-space-size=1',
      SERVER,
      ...words,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
}

async function readUrl(server: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: server.stdout! })) {
    const url = /^listening on (\S+)$/.exec(line)?.[1]
    if (url !== undefined) return url
  }
  throw new Error('the server did not start')
}

const readStatus = ({ pid }: ChildProcess, field: string): number => {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) * 1024
}

interface Place {
  readonly url: string
  readonly group: Group
  readonly output: string
}

async function runKmemtop(
  { requests, repeat, options }: LeakyCase,
  { url, group, output }: Place,
): Promise<RunReportJson> {
  const load = [process.execPath, AUTOCANNON, '--renderStatusCodes', '-a', String(requests), '-c', '8', url]
  const run = ['run', '-q', '--kmsg', 'off', '--json', output, '--repeat', String(repeat), '--warmup', '1', ...options]
  const words = [...run, '--cgroup', group.path, '--', ...load]
  const child = spawn(PROGRAM, words, { stdio: 'ignore' })
  await once(child, 'exit')
  return JSON.parse(readFileSync(output, 'utf8')) as RunReportJson
}

// 20 to 180 MB, changed once a second.
function startNeighbour(): ChildProcess {
  const script = 'let kept; setInterval(() => { kept = Buffer.alloc((20 + Math.random() * 160) * 2 ** 20, 1) }, 1000)'
  return spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}
