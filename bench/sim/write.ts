// Writes a simulated session as a recording: `node bench/sim/write.ts incident OUT.kmem`, or a case of the corpus by its kind,
// leak and seed: `node bench/sim/write.ts 'daily wave' steady 7 OUT.kmem` (`none` for no leak).
import { writeFileSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import type { Reading } from '../../src/history.ts'
import { encodeHeader, encodeReading } from '../../src/recording/line-codec.ts'
import { drawCase, KINDS, LEAKS } from './corpus.ts'
import { generateIncident, incidentSession } from './incident.ts'
import { createSimSession, generateReadings } from './node.ts'

const USAGE = `usage: node bench/sim/write.ts incident OUT.kmem
       node bench/sim/write.ts KIND LEAK SEED OUT.kmem
KIND: ${Object.keys(KINDS).join(', ')}
LEAK: none, ${LEAKS.join(', ')}`

/** A session and its samples, as text. Readings carry only texts that changed, as a recorder writes them. */
export function encodeRecording(session: RecordingHeader, samples: Iterable<readonly Reading[]>): string {
  const before = new Map<string, string | null>()
  let text = encodeHeader(session, 0).replace(',"check":"crc32"', '')
  for (const reading of [...samples].flat()) {
    const changed = Object.entries(reading.files).filter(
      ([path, now]) => reading.collector === 'kmsg' || before.get(path) !== now,
    )
    for (const [path, now] of changed) before.set(path, now)
    text += encodeReading({ ...reading, files: Object.fromEntries(changed) })
  }
  return text
}

function encodeChosen(args: readonly string[]): string {
  const [kind = '', leak, seed] = args
  if (kind === 'incident') return encodeRecording(incidentSession, generateIncident())
  const wanted = leak === 'none' ? undefined : LEAKS.find(name => name === leak)
  if (!Object.hasOwn(KINDS, kind) || (wanted === undefined && leak !== 'none') || !Number.isInteger(Number(seed)))
    throw new Error(USAGE)
  const one = drawCase(kind, wanted, Number(seed))
  return encodeRecording(createSimSession(one.name), generateReadings(one.node, one.samples))
}

const args = process.argv.slice(2)
const out = args.pop()
try {
  if (out === undefined) throw new Error(USAGE)
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_checksumFlag]: 1 }
  writeFileSync(out, zstdCompressSync(encodeChosen(args), { params }))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
