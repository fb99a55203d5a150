// The incident of the error storm, re-enacted: a service that cannot decrypt its tokens retries, and each retry leaves kernel memory
// behind. One finding names both sides, and the report shows it to somebody who was not there.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { countText } from '../../src/collectors/applog/count-text.ts'
import { formatCounts } from '../../src/collectors/applog/index.ts'
import type { Reading } from '../../src/history.ts'
import { createV2Tree } from '../detectors/kills.ts'
import { createMeminfo, createReading, GiB, MINUTE, repeatReadings } from '../detectors/readings.ts'
import { createTerminalEnv } from '../helpers/pty.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { encodeRecording } from '../recording/recordings.ts'
import { PROGRAM } from './program.ts'

const LOG = '/var/log/pods/shop_web-0_1f/web/0.log'
const POD = '/kubepods/shop-web'
const CALM = 5 * 60 // seconds
const LAG = 10
const KEPT = 40_000 // bytes per failed request

const isRetrying = (second: number): boolean => second > CALM && Math.floor(second / 25) % 3 !== 0

/** What the service writes in one second. */
function writeLog(second: number): string {
  const user = 48_211 + second * 7
  const failed = `2026-11-27T10:00:00.123Z ERROR failed to decrypt token 3f0c9d1ca83b4e for user ${user}: bad key "k-${user}"\n`
  return isRetrying(second) ? failed.repeat(60) : 'GET /cart 200\n'.repeat(10)
}

function recordStorm(): readonly Reading[] {
  let kept = 0
  const tree = createV2Tree(0, '/', '/kubepods', POD, '/system')
  const samples = repeatReadings(9 * MINUTE, 1000, time => {
    const second = time / 1000
    if (isRetrying(second - LAG)) kept += 60 * KEPT
    const uses = { '/kubepods': GiB + kept, [POD]: GiB / 2 + kept, '/system': GiB }
    const files = Object.fromEntries(
      Object.entries(uses).map(([path, use]) => [`/sys/fs/cgroup${path}/memory.current`, `${use}\n`]),
    )
    return [
      createReading(time, 'applog', { [LOG]: formatCounts(countText(writeLog(second), 0, true)) }),
      createMeminfo(time, { SUnreclaim: GiB / 4 + kept }),
      createReading(time, 'cgroups', files),
    ]
  })
  return [tree, ...samples]
}

test('one finding names log, pattern, memory, cgroup, agreement and lag, also after redaction of the text', async () => {
  const folder = createTemporaryFolder()
  const recording = join(folder, 'storm.kmem')
  const samples = [...Map.groupBy(recordStorm(), ({ time }) => time).values()]
  writeFileSync(recording, await encodeRecording(samples, { frame: 60_000 }))
  const run = (...args: readonly string[]) =>
    spawnSync(PROGRAM, args, { encoding: 'utf8', env: createTerminalEnv(), maxBuffer: 2 ** 26 })

  const { stdout: report } = run('report', recording, '-o', '-')
  const storm = report.split('\n').find(line => line.includes('ERROR STORM')) ?? ''
  const plain = storm.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  expect(plain).toContain(LOG)
  expect(report).toMatch(/the newest of them.{0,40}failed to decrypt token 3f0c9d1ca83b4e for user \d+: bad key/)
  expect(plain).toContain('failed to decrypt token ID for user N: bad key "…"')
  expect(plain).toMatch(/SUnreclaim grew \+[\d.]+ [MG]iB in step \(r = (?:0\.[6-9]\d|1\.00), \d+ s later\)/)
  expect(plain).toMatch(
    /and \/kubepods\/shop-web grew \+[\d.]+ [MG]iB in step \(r = (?:0\.[6-9]\d|1\.00), \d+ s later\)/,
  )

  const redacted = join(folder, 'redacted.kmem')
  expect(run('redact', recording, '-o', redacted).status).toBe(0)
  const { stdout: redactedReport } = run('report', redacted, '-o', '-')
  expect(redactedReport).toContain('ERROR STORM')
  expect(redactedReport).not.toMatch(/decrypt|shop|web/)
})
