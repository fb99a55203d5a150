// Recordings that are made to exhaust a reader: bombs, endless input, fields out of range. Each is refused or cut, and the bound is named.
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { getPartTextBound, RECORDING_BOUNDS } from '../../src/base/bounds.ts'
import { encodeIndex, encodeSeekTable, encodeSkippable, FRAME_MAGIC } from '../../src/recording/frame-index.ts'
import { openBuffer, openRecording, openStream } from '../../src/recording/open-recording.ts'
import { pickCases } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const HEADER =
  '{"kmemtop":1,"host":"h","kernel":"5.15","bootId":"b","wallClock":1700000000000,"interval":1000,"time":0}\n'

/** Packs a header and `count` times `filler`, as one frame. */
async function packBomb(filler: Buffer, count: number): Promise<Buffer> {
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(HEADER)
    for (let i = 0; i < count; i++) yield filler
  }
  const packed = Readable.from(pieces()).pipe(createZstdCompress())
  return Buffer.concat(await packed.toArray())
}

test('a part that unpacks to more than the bound is not unpacked further, and said', async () => {
  const bomb = await packBomb(Buffer.alloc(2 ** 20, '\n'), RECORDING_BOUNDS.smallPartText / 2 ** 20 + 1)
  expect(bomb.length).toBeLessThan(10_000)
  const { recording } = openBuffer('bomb', bomb)
  expect(recording.session.host).toBe('h')
  const before = process.memoryUsage().arrayBuffers
  const part = recording.readPart(0)
  expect(part).toMatchObject({
    readings: [],
    problem: expect.stringMatching(/^not read: its text is larger than 32.0 MiB, of \d/),
  })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * RECORDING_BOUNDS.smallPartText)
})

test('a part may unpack to more the larger it is, up to a bound', () => {
  const { smallPartText, partText, partRatio } = RECORDING_BOUNDS
  expect([0, 29_000, 100_000, 1e6].map(getPartTextBound)).toEqual([
    smallPartText,
    smallPartText,
    100_000 * partRatio,
    partText,
  ])
})

test('a keyframe of 100,000 equal cgroups is read', () => {
  const cgroups = Array.from({ length: 100_000 }, (_, i) => [`/sys/fs/cgroup/pod${i}/memory.current`, '4096\n'])
  const line = JSON.stringify([0, 'cgroups', Object.fromEntries(cgroups)])
  const dense = { params: { [constants.ZSTD_c_compressionLevel]: 9 } }
  const { recording } = openBuffer('wide', zstdCompressSync(Buffer.from(`${HEADER}${line}\n`.repeat(4)), dense))
  expect(recording.readPart(0).problem).toBeUndefined()
})

test('a header of 100 KB is read, and hundreds of empty frames behind it are no parts', () => {
  const header = HEADER.replace('{', `{"note":"${'漢x'.repeat(25_000)}",`)
  const frames = Array.from({ length: 500 }, () => zstdCompressSync(''))
  const { recording } = openBuffer('empty', Buffer.concat([zstdCompressSync(header), ...frames]))
  expect([recording.session.host, recording.parts.length]).toEqual(['h', 1])
})

test('a part of very many lines is read up to the bound', async () => {
  const lines = Buffer.alloc(2 ** 20, '\n')
  const bomb = await packBomb(lines, Math.ceil(RECORDING_BOUNDS.partLines / lines.length) + 1)
  const part = openBuffer('lines', bomb).recording.readPart(0)
  expect(part.problem).toBe(`not read to its end: more than ${RECORDING_BOUNDS.smallPartLines} lines`)
})

const BOMBS = ['[1,"mark",{"text":"x"}]\n', '{"crc":"00000000"}\n', '{}\n', '[1,"kmsg",{}]\n']
test.each(pickCases(BOMBS.slice(0, 2), BOMBS))(
  'a part of a few KB that unpacks to a million lines like %j is read up to the bound',
  async line => {
    const bomb = await packBomb(Buffer.from(line.repeat(2 ** 15)), 32)
    expect(bomb.length).toBeLessThan(10_000)
    const part = openBuffer('lines', bomb).recording.readPart(0)
    expect(part.problem).toContain(`not read to its end: more than ${RECORDING_BOUNDS.smallPartLines} lines`)
    expect(part.readings.length).toBeLessThanOrEqual(RECORDING_BOUNDS.smallPartLines)
  },
)

test('plain lines without samples, 400,000 under one header, are read', () => {
  const lines = '[1,"mark",{"text":"x"}]\n'.repeat(400_000)
  const { recording } = openBuffer('plain', Buffer.from(HEADER + lines))
  expect(recording.problems).toEqual([])
  expect(recording.readPart(0).readings).toHaveLength(400_000)
})

test('a line of very many names is left out', async () => {
  const names = '"a":"",'.repeat(RECORDING_BOUNDS.lineCommas + 1)
  const line = `[0,"meminfo",{${names}"b":""}]\n`
  const part = openBuffer('names', Buffer.from(`${HEADER}${line}[1,"mark",{"text":"here"}]\n`)).recording
  expect(part.problems[0]).toContain(`1 line is left out: line 2: too large, ${line.length} bytes`)
  expect(part.readPart(0).readings).toHaveLength(1)
})

test('a frame of empty blocks without end is walked up to the bound', async () => {
  const directory = createTemporaryFolder()
  const path = join(directory, 's.kmem')
  const fd = openSync(path, 'w')
  writeSync(fd, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]))
  ftruncateSync(fd, 3 * 2 ** 30)
  closeSync(fd)
  const before = process.memoryUsage()
  expect(() => openRecording(path)).toThrow('s.kmem is no recording of kmemtop: it is a zstd file')
  expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 2 ** 20)
})

test('what unpacks without end where a header should be is no header', async () => {
  const { recording } = openBuffer('one', await packBomb(Buffer.from('x'), 1))
  expect(recording.parts).toHaveLength(1)
  const frame = Buffer.concat(
    await Readable.from([Buffer.alloc(64 * 2 ** 20, 'x')])
      .pipe(createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 10 } }))
      .toArray(),
  )
  expect(() => openBuffer('x', frame)).toThrow('it is a zstd file of something else')
})

test('an index that unpacks to more than the bound is not used: the parts are found by walking', async () => {
  const frame = await packBomb(Buffer.from('[1,"mark",{"text":"here"}]\n'), 1)
  const index = encodeIndex(new Array(RECORDING_BOUNDS.index / 4).fill(null))
  const table = encodeSeekTable([
    [frame.length, 0],
    [index.length, 0],
  ])
  const { recording } = openBuffer('index', Buffer.concat([frame, index, table]))
  expect(recording.parts).toHaveLength(1)
  expect(recording.readPart(0).readings).toHaveLength(1)
})

test('summaries that are larger than the bound all together are used up to it', () => {
  const frame = zstdCompressSync(Buffer.from(`${HEADER}[1,"mark",{"text":"here"}]\n`))
  const filler = 'x'.repeat(RECORDING_BOUNDS.index - 1000)
  const summary = { begin: 0, end: 1000, readings: 1, bytes: 10, alerts: [], marks: [[1, filler]], minutes: [] }
  const encoded = encodeSkippable(FRAME_MAGIC.summary, Buffer.from(JSON.stringify(summary)))
  const { recording } = openBuffer('summaries', Buffer.concat(Array.from({ length: 5 }, () => [frame, encoded]).flat()))
  const used = Math.floor(RECORDING_BOUNDS.summaries / encoded.length)
  expect(recording.parts.map(part => part.summary !== undefined)).toEqual([0, 1, 2, 3, 4].map(i => i < used))
  expect(recording.problems).toContain('the summaries are larger than 48 MiB: the others are not used')
})

describe('a summary', () => {
  const summary = { begin: 0, end: 1000, readings: 1, bytes: 10, alerts: [], marks: [], minutes: [] }
  const session = { host: 'h', kernel: 'k', bootId: 'b', wallClock: 0, interval: 1000 }
  test.each([
    { ...summary, begin: 'x' },
    { ...summary, end: 1e300 },
    { ...summary, marks: [[0]] },
    { ...summary, minutes: [{}] },
    { ...summary, alerts: [null] },
    { ...summary, session: { ...session, wallClock: 1.7e18 } },
    { ...summary, session: { ...session, interval: -1 } },
  ])('of other fields is none: %j', wrong => {
    expect(readSummary(wrong)).toBeUndefined()
  })

  test('of the right fields is read', () => {
    expect(readSummary({ ...summary, session })).toMatchObject({ end: 1000, session: { host: 'h' } })
  })
})

/** The summary of the only part of a recording. */
function readSummary(summary: unknown): unknown {
  const frame = zstdCompressSync(Buffer.from(`${HEADER}[1,"mark",{"text":"here"}]\n`))
  const payload = encodeSkippable(FRAME_MAGIC.summary, Buffer.from(JSON.stringify(summary)))
  return openBuffer('summary', Buffer.concat([frame, payload])).recording.parts[0]!.summary
}

describe('standard input', () => {
  test('without end that is no recording is refused at its first bytes', async () => {
    let sent = 0
    const zeros = new Readable({
      read() {
        sent += 2 ** 16
        this.push(Buffer.alloc(2 ** 16))
      },
    })
    await expect(openStream(zeros)).rejects.toThrow('standard input is no recording of kmemtop')
    expect(sent).toBeLessThan(2 ** 20)
  })

  test('of one line without end is read up to the bound', async () => {
    let sent = 0
    function* endless(): Generator<Buffer> {
      yield Buffer.from(`${HEADER}[0,"meminfo",{"a":"`)
      for (;;) {
        sent += 2 ** 20
        yield Buffer.alloc(2 ** 20, 'x')
      }
    }
    const { recording } = await openStream(Readable.from(endless()))
    expect(recording.problems[0]).toBe('not read to its end: a line is longer than 64 MiB')
    expect(sent).toBeLessThan(RECORDING_BOUNDS.line + 3 * 2 ** 20)
  })
})

test('a FIFO and a device are refused and not waited for', () => {
  const fifo = join(createTemporaryFolder(), 'fifo.kmem')
  execFileSync('mkfifo', [fifo])
  for (const path of [fifo, '/dev/zero']) expect(() => openRecording(path)).toThrow(`${path} is no regular file`)
})

describe('a header field out of range is named', () => {
  test.each([
    ['"wallClock":1700000000000000000', 'as wallClock, came 1700000000000000000'],
    ['"wallClock":"yesterday"', 'as wallClock, came "yesterday"'],
    ['"interval":-1', 'expected a number from 1 to 86400000 as interval, came -1'],
    ['"interval":0', 'as interval, came 0'],
    ['"pageSize":1e99', 'as pageSize'],
    ['"host":7', 'expected a text as host, came 7'],
    ['"time":1e20', 'expected a time in milliseconds, within 100 years'],
  ])('%s is refused', (field, message) => {
    expect(() => openBuffer('x', Buffer.from(`{"kmemtop":1,${field}}\n`))).toThrow(message)
  })

  test('a wall clock may be ISO text', () => {
    const { recording } = openBuffer('x', Buffer.from('{"kmemtop":1,"wallClock":"2026-11-23T14:05:00Z"}\n'))
    expect(recording.session.wallClock).toBe(Date.parse('2026-11-23T14:05:00Z'))
  })

  test('a reading takes only fields of the right kind', () => {
    const extra = { time: 'x', files: null, collector: 5, error: 7, cost: -1, next: 'soon', keyframe: 'yes' }
    const line = `[5,"mark",{"text":"here"},${JSON.stringify(extra)}]\n`
    const { recording } = openBuffer('x', Buffer.from(HEADER + line))
    expect(recording.readPart(0).readings).toEqual([{ time: 5, collector: 'mark', files: { text: 'here' } }])
  })
})
