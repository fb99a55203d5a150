// Records this machine by the live source: `node test/tools/record-live.ts --seconds N [--replace FROM=TO]... OUT.kmem`.
// The host is called node-7, ids of 32 hex digits become others, and what `--replace` names becomes what it says: cgroup
// names tell whose machine it is. The kernel log begins with the session: what was before is another story.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { constants, zstdCompressSync } from 'node:zlib'
import { collectorIds } from '../../src/collectors/index.ts'
import type { Reading } from '../../src/history.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { createSystemClock } from '../../src/sampling/clock.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'
import { readRecordingHeader } from '../../src/sampling/recording-header.ts'
import { sampleLive } from '../../src/sampling/sample-live.ts'

const INTERVAL = 1000

/** The recording's text: every reading of so many seconds. */
async function recordText(seconds: number): Promise<string> {
  const clock = createSystemClock()
  const host = createLocalHost('/')
  const session = { ...readRecordingHeader(host, clock, INTERVAL), host: 'node-7', bootId: 'unknown' }
  const lines = [encodeHeader(session, 0)]
  const isOver = (): boolean => clock.now() >= seconds * 1000
  for await (const batch of sampleLive(host, clock, { collectors: collectorIds, interval: INTERVAL }, isOver))
    for (const reading of batch) lines.push(encodeReading(dropEarlierRecords(reading, clock.monotonic)))
  host.close()
  return lines.join('')
}

/** A reading of the kernel log without the records from before the session. */
function dropEarlierRecords(reading: Reading, monotonic: number): Reading {
  const log = reading.files['/dev/kmsg']
  if (!log) return reading
  const records = (log.match(/^\d.*\n(?: .*\n)*/gm) ?? []).filter(it => Number(it.split(',')[2]) / 1000 >= monotonic)
  return { ...reading, files: records.length > 0 ? { '/dev/kmsg': records.join('') } : {} }
}

const anonymizeIds = (text: string): string =>
  text.replace(/\b[0-9a-f]{32}\b/g, id => createHash('sha256').update(id).digest('hex').slice(0, 32))

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    replace: { type: 'string', multiple: true, default: [] },
  },
  allowPositionals: true,
})
const [out] = positionals
if (!out) {
  console.error('usage: node test/tools/record-live.ts --seconds N [--replace FROM=TO]... OUT.kmem')
  process.exit(2)
}
let text = anonymizeIds(await recordText(Number(values.seconds)))
for (const [from, to] of values.replace.map(pair => pair.split('='))) text = text.replaceAll(from!, to!)
const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 }
writeFileSync(out, zstdCompressSync(text, { params }))
