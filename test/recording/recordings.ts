// Recordings to be damaged and replayed: made by the recorder itself, of a node whose numbers walk.
import { readFileSync } from 'node:fs'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import type { Reading } from '../../src/history.ts'
import { Encoder, type FrameSink } from '../../src/recording/encoder.ts'
import { encodeIndex, encodeSeekTable, encodeSummary, type FrameSummary } from '../../src/recording/frame-index.ts'
import { readFixture, session } from '../fixtures.ts'
import { createRandom } from '../seeded-random.ts'

const CGROUP = '/sys/fs/cgroup'

/** Samples of a node: one per second, with a cgroup that comes and goes, a kill, and a mark. */
export function generateSamples(count: number, seed = 1): readonly (readonly Reading[])[] {
  const random = createRandom(seed)
  const walk = (text: string): string => text.replace(/\d{4,}/g, n => String(Number(n) + Math.floor(random() * 9)))
  let [meminfo, vmstat] = [readFixture('6.12', '/proc/meminfo'), readFixture('6.12', '/proc/vmstat')]
  return Array.from({ length: count }, (_, i) => {
    ;[meminfo, vmstat] = [walk(meminfo), walk(vmstat)]
    const time = i * 1000
    const pod = `${CGROUP}/pod-${Math.floor(i / 7)}`
    const gone = `${CGROUP}/pod-${Math.floor(i / 7) - 1}`
    const cgroups = {
      ...(i === 0
        ? {
            '/proc/1/mountinfo': readFixture('6.12', '/proc/1/mountinfo'),
            [`${CGROUP}/cgroup.controllers`]: readFixture('6.12', `${CGROUP}/cgroup.controllers`),
            [`${CGROUP}/`]: '1\n',
          }
        : {}),
      ...(i % 7 === 0 ? { [`${pod}/`]: `${i + 2}\n`, ...(i > 0 ? { [`${gone}/`]: null } : {}) } : {}),
      [`${pod}/memory.current`]: `${4096 * Math.floor(random() * 1e6)}\n`,
    }
    const sample: Reading[] = [
      { time, collector: 'meminfo', files: { '/proc/meminfo': meminfo }, cost: 0.1 },
      { time: time + 1, collector: 'vmstat', files: { '/proc/vmstat': vmstat } },
      { time: time + 2, collector: 'cgroups', files: cgroups },
    ]
    if (i % 11 === 5) sample.push({ time: time + 3, collector: 'mark', files: { text: `mark ${i}` } })
    return sample
  })
}

const KMSG = readFileSync(new URL('../fixtures/kmsg/oom-group.v2-6.12.kmsg', import.meta.url), 'latin1')

/** The log of a real OOM kill, as if it had been written at a session time. */
function formatKillAt(time: number): string {
  const first = Number(/^\d+,\d+,(\d+)/.exec(KMSG)![1])
  const moved = Math.round(((session.monotonic ?? 0) + time) * 1000) - first
  return KMSG.replace(/^(\d+,\d+),(\d+)/gm, (_, head: string, stamp: string) => `${head},${Number(stamp) + moved}`)
}

/** The same with an OOM kill in the log in a sample. */
export const insertKill = (samples: readonly (readonly Reading[])[], at: number): readonly (readonly Reading[])[] =>
  samples.map((sample, i) => {
    if (i !== at) return sample
    const time = sample[0]!.time - 1
    return [{ time, collector: 'kmsg' as const, files: { '/dev/kmsg': formatKillAt(time - 900) } }, ...sample]
  })

interface EncodeOptions {
  readonly frame?: number
  readonly trailer?: boolean
  readonly of?: RecordingHeader
  /** what the summary of a part holds of a sample beside its readings */
  readonly summarize?: (sample: number) => Pick<FrameSummary, 'alerts' | 'minutes'>
}

/** The bytes of a recording as a recorder writes it; `frame`: milliseconds of a part. */
export async function encodeRecording(
  samples: readonly (readonly Reading[])[],
  { frame = 10_000, trailer = true, of = session, summarize }: EncodeOptions = {},
): Promise<Buffer> {
  const chunks: Buffer[] = []
  const entries: [number, number][] = []
  const summaries: FrameSummary[] = []
  let inFrame = 0
  const sink: FrameSink = {
    writeBytes: chunk => {
      inFrame += chunk.length
      chunks.push(chunk)
    },
    endFrame: summary => {
      const bytes = encodeSummary(summary)
      summaries.push(summary)
      entries.push([inFrame, summary.bytes], [bytes.length, 0])
      inFrame = 0
      chunks.push(bytes)
    },
  }
  const encoder = new Encoder(of, sink, { frameDuration: frame })
  for (const [i, sample] of samples.entries()) {
    await encoder.writeSample(sample)
    if (summarize) encoder.addToSummary(summarize(i))
  }
  if (trailer) {
    await encoder.finishFrame()
    const index = encodeIndex(summaries)
    chunks.push(index, encodeSeekTable([...entries, [index.length, 0]]))
  }
  return Buffer.concat(chunks)
}
