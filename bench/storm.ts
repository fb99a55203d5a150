// The incident's error storm, live: a calm service, then minutes in which every request fails and leaves memory behind.
// What the alert and the report of the recording say about it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canMakeGroup } from '../test/helpers/trouble/memory-tree.ts'
import type { Bench, Row, Settings } from './bench.ts'
import { AUTOCANNON, withServer } from './leaky-server.ts'

const PROGRAM = new URL('../bin/kmemtop', import.meta.url).pathname
const CALM = 135 // seconds: a log has no usual rate in the first two minutes
/** Bursts of failing requests: seconds, and requests per second. */
const STORM = { bursts: 2, length: 15, pause: 10, rate: 150 } as const
const KINDS = ['sockets', 'tmpfs']

async function run({ progress, kinds }: Settings) {
  const title = 'The alert about an error storm of a server that leaks meanwhile'
  const reason = process.getuid?.() === 0 ? canMakeGroup() : 'it needs root'
  if (reason !== undefined) return { title, notes: [`not measured: ${reason}`], rows: [] }
  const rows: Row[] = []
  for (const kind of kinds.length === 0 ? KINDS : kinds) {
    progress(`storm ${kind}`)
    rows.push(await measure(kind))
  }
  const bursts = `${STORM.bursts} bursts of ${STORM.length} s with ${STORM.rate} failing requests per second`
  return { title, notes: [`${CALM} s of calm, then ${bursts}. The text is that of kmemtop report.`], rows }
}

async function measure(kind: string): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'kmemtop-storm-'))
  const [log, recording] = [join(folder, 'web.log'), join(folder, 'storm.kmem')]
  try {
    const group = await withServer([kind, '--log', log], async ({ url, group: { path } }) => {
      const recorder = spawn(PROGRAM, ['record', '-o', recording, '--log', log, '--kmsg', 'off'], { stdio: 'ignore' })
      await putLoad(`${url}/health`, 2, CALM)
      for (let burst = 0; burst < STORM.bursts; burst++) {
        await putLoad(url, STORM.rate, STORM.length)
        await putLoad(`${url}/health`, 2, STORM.pause)
      }
      await stop(recorder)
      return path
    })
    const report = execFileSync(PROGRAM, ['report', recording, '-o', '-'], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    const line = report.split('\n').find(one => one.includes('ERROR STORM')) ?? ''
    const alert = line.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    return {
      server: kind,
      'names the log': sayWhether(alert.includes('web.log')),
      'the pattern': sayWhether(alert.includes('failed to decrypt token for user')),
      'its cgroup': sayWhether(alert.includes(group.split('/').at(-1)!)),
      r: / grew .*?\(r = ([\d.]+)/.exec(alert)?.[1],
      text: alert.slice(0, 1000) || 'no alert',
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const sayWhether = (isSo: boolean): string => (isSo ? 'yes' : 'no')

async function putLoad(url: string, rate: number, seconds: number): Promise<void> {
  const words = [AUTOCANNON, '-c', '4', '-R', String(rate), '-d', String(seconds), url]
  await once(spawn(process.execPath, words, { stdio: 'ignore' }), 'exit')
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGINT')
  await once(child, 'exit')
}

/** An error storm and its memory, found live. */
export const storm: Bench = { about: 'the alert about an error storm and the memory that grows with it (root)', run }
