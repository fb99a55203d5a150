// How fast `kmemtop analyze` reads a long log, and in how much memory, beside `cat` and `grep -c` of the same file.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createRandom } from '../test/seeded-random.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const ROOT = new URL('..', import.meta.url).pathname
const REPORT = readFileSync(join(ROOT, 'test/fixtures/logs/oom-memcg.4.19.dmesg'), 'utf8')
  .trimEnd()
  .split('\n')
  .map(line => line.replace(/^\[[ \d.]+\] /, ''))
const KILLED = '62769'

// What nodes of Kubernetes write all day; every hundredth line has a word that may begin a story, and does not.
const LINES = [
  'systemd[1]: Started Session 48213 of user root.',
  'kubelet[2211]: I1112 03:20:07.101010    2211 kubelet.go:1921] SyncLoop (PLEG): "web-6b7f9c-x2x7j_default(9e30)"',
  'containerd[1877]: time="2026-11-12T03:20:07.123456789Z" level=info msg="shim disconnected" id=9d1c6a0be7f24c5a',
  'sshd[31337]: Accepted publickey for root from 10.1.2.3 port 51234 ssh2: ED25519 SHA256:nThbg6kXUpJWGl7E1IGOCspRomTx',
  'kernel: IPv6: ADDRCONF(NETDEV_CHANGE): cali4f1a2b3c4d5: link becomes ready',
  'kernel: audit: type=1400 audit(1763000000.123:456): apparmor="ALLOWED" operation="open" name="/proc/7/status" pid=7',
  'nginx: 10.2.3.4 - - [12/Nov/2026:03:20:07 +0000] "GET /api/v1/items?page=7 HTTP/1.1" 200 5321 "-" "curl/8.5.0"',
]
const WORDY =
  'kubelet[2211]: I1112 03:20:07.101010    2211 eviction_manager.go:338] "memory.available" 7812Mi of 15999Mi'
const LINES_PER_REPORT = 50_000

/** Writes a log of at least so many bytes, and says how many kills are in it. */
function writeLog(path: string, size: number): number {
  const random = createRandom(4)
  const file = openSync(path, 'w')
  let [bytes, lines, kills] = [0, 0, 0]
  while (bytes < size) {
    const block: string[] = []
    for (let i = 0; i < LINES_PER_REPORT; i++, lines++) {
      const text = random() < 0.01 ? WORDY : LINES[Math.floor(random() * LINES.length)]!
      block.push(`${formatTimestamp(lines)} ${text}\n`)
    }
    kills++
    for (const line of REPORT)
      block.push(`${formatTimestamp(lines)} kernel: ${line.replaceAll(KILLED, String(1000 + kills))}\n`)
    bytes += writeSync(file, block.join(''))
  }
  closeSync(file)
  return kills
}

// Ten lines a second from the first of November on.
function formatTimestamp(line: number): string {
  const stamp = new Date(Date.UTC(2026, 10, 1) + line * 100).toISOString()
  return `${stamp.slice(0, 19)}+00:00 node-17`
}

interface CommandResult {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peak: number
  readonly out: string
}

async function measureCommand(command: string, args: readonly string[]): Promise<CommandResult> {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const out: Buffer[] = [] // of cat only the first
  let [cpuSeconds, peak, ended] = [0, 0, false]
  child.stdout.on('data', (text: Buffer) => {
    if (out.length < 1000 || command !== 'cat') out.push(text)
  })
  const end = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve()).once('error', reject)
  }).finally(() => {
    ended = true
  })
  while (!ended) {
    const usage = measureUsage(child.pid!)
    cpuSeconds = Math.max(cpuSeconds, usage.cpuSeconds)
    peak = Math.max(peak, usage.rss)
    await Promise.race([end, setTimeout(20)])
  }
  await end
  return { seconds: (performance.now() - began) / 1000, cpuSeconds, peak, out: Buffer.concat(out).toString('latin1') }
}

async function run({ mb, rounds, progress }: Settings) {
  const home = mkdtempSync(join(tmpdir(), 'kmemtop-bench-'))
  const log = join(home, 'messages')
  try {
    progress(`writing ${mb} MB`)
    const kills = writeLog(log, mb * 1e6)
    const bytes = statSync(log).size
    const commands: readonly (readonly [string, string, readonly string[], (out: string) => boolean])[] = [
      ['kmemtop analyze', PROGRAM, ['analyze', '--json', log], out => countKills(out) === kills],
      ['cat', 'cat', [log], () => true],
      ["grep -c 'Killed process'", 'grep', ['-c', 'Killed process', log], out => Number(out) === kills],
    ]
    const rows: Row[] = []
    for (let round = 0; round < rounds; round++)
      for (const [name, command, args, isRight] of commands) {
        progress(name)
        const { seconds, cpuSeconds, peak, out } = await measureCommand(command, args)
        rows.push({
          program: name,
          seconds: roundTo(seconds),
          'MB/s': roundTo(bytes / 1e6 / seconds),
          'CPU s': roundTo(cpuSeconds),
          'peak RSS MB': roundTo(peak / 1e6),
          ...(isRight(out) ? {} : { note: `not the ${kills} kills that are in it` }),
        })
      }
    return { title: 'Reading a long log', notes: [describeLog(bytes, kills)], rows }
  } finally {
    rmSync(home, { recursive: true })
  }
}

const PROGRAM = join(ROOT, 'bin/kmemtop')
const describeLog = (bytes: number, kills: number): string =>
  `one syslog of ${roundTo(bytes / 1e6, 4)} MB, ${kills} OOM kills in it; written just before, so it may lie in the page cache. RSS and CPU are sampled every 20 ms.`

const countKills = (json: string): number => (json.match(/"constraint": /g) ?? []).length

/** Speed and memory of `kmemtop analyze`. */
export const analyze: Bench = { about: 'MB/s and memory of analyze on a long log, beside cat and grep', run }
