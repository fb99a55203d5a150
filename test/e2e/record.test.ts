// Recording and replaying as a user does it: the built program, real files.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sampledIds } from '../../src/collectors/index.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { startLiveSource } from '../../src/sampling/live-source.ts'
import { listReadings } from '../../src/sampling/reading-source.ts'
import { toPlainValues } from '../helpers/plain-values.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { NODE, PROGRAM, runProgram, WORKER } from './program.ts'

const folder = createTemporaryFolder()
const path = (name: string): string => join(folder, name)
const kmemtop = (...args: readonly string[]) => spawnSync(PROGRAM, args, { encoding: 'utf8', timeout: 60_000 })
function frame(...args: readonly string[]): string {
  const { status, stdout, stderr } = kmemtop('replay', ...args)
  expect(status, stderr).toBe(0)
  return stdout
}
const root = process.getuid?.() === 0 ? undefined : 'the kernel log and slabinfo need root'

test('replaying a recorded live session gives, reading by reading, the state that the live session had', async () => {
  const file = path('same.kmem')
  const source = await startLiveSource(WORKER, {
    root: '/',
    interval: 200,
    collectors: sampledIds,
    flightDuration: 0,
    record: { target: file, retention: {} },
  })
  const seen: Reading[] = []
  let knownFile: string | undefined
  source.subscribeStatus(({ file: own }) => {
    if (seen.length === 0) knownFile = own?.path
  })
  for await (const batch of source.batches) {
    const readings = listReadings(batch)
    expect(knownFile, 'that it is recorded is known before the first reading').toBe(file)
    seen.push(...readings)
    if (seen.length === readings.length) source.sendCommand({ type: 'mark', text: '500 rps' })
    if (seen.filter(({ collector }) => collector === 'meminfo').length >= 12) source.stop()
  }
  await source.ended
  const open = openRecording(file)
  const recorded = open.recording.parts.flatMap((_, i) => open.recording.readPart(i).readings)
  expect(recorded.slice(0, seen.length)).toEqual(seen)
  expect(recorded.find(({ collector }) => collector === 'mark')?.files).toEqual({ text: '500 rps' })
  let watch = createMonitorState(source.session)
  for (const reading of recorded) watch = applyReading(watch, reading, defaultThresholds)
  const seeker = new RecordingSeeker(open, defaultThresholds)
  expect(toPlainValues(seeker.seek(seeker.end).monitor)).toEqual(toPlainValues(watch))
  open.close()
})

describe('kmemtop record', () => {
  test('a missing directory is named', () => {
    const { status, stderr } = kmemtop('record', '-o', path('nowhere/'), '-n', '1')
    expect(stderr).toContain(`there is no directory ${path('nowhere')}; make it first`)
    expect(status).toBe(2)
  })

  test('writes a file that zstd, jq and replay read, readable by its owner only, and prints what it did', () => {
    const file = path('plain.kmem')
    const { status, stderr } = kmemtop('record', '-o', file, '--for', '2s', '-i', '500ms')
    expect(stderr).toMatch(new RegExp(`recording into ${file}[\\s\\S]*recorded ${file}, \\d`))
    expect(status).toBe(0)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(frame(file, '--frame', '--size', '100x30')).toMatch(/MemAvailable +[\d.]+ [KMG]iB/)
  })

  test('never overwrites a file, and the second recorder of one file refuses', () => {
    const file = path('twice.kmem')
    writeFileSync(file, 'precious')
    const { status, stderr } = kmemtop('record', '-o', file, '--for', '1s')
    expect(stderr).toMatch(/twice\.kmem exists, and a recording is never overwritten/)
    expect(status).toBe(2)
    expect(readFileSync(file, 'utf8')).toBe('precious')
    expect(kmemtop('record', '-o', path('no/such/dir/x.kmem'), '--for', '1s').stderr).toMatch(
      /cannot make .*there is no directory/,
    )
  })

  test('loses at most the last sample when it is killed with -9', async () => {
    const file = path('killed.kmem')
    const child = spawn(PROGRAM, ['record', '-o', file, '-i', '200ms', '-q'])
    await until(() => sizeOf(file) > 1000 && looksIn(file) >= 5)
    const known = looksIn(file)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(looksIn(file)).toBeGreaterThanOrEqual(known)
    expect(frame(file, '--frame')).toContain('MemAvailable')
  })

  test('starts new files by age, keeps them below a total, and touches no other files', async () => {
    const parts = mkdtempSync(join(folder, 'parts-'))
    writeFileSync(join(parts, 'kmemtop-notes.txt'), 'mine')
    const limits = ['--rotate', '1s', '--max-size', '150K']
    const { status } = kmemtop('record', '-o', `${parts}/`, ...limits, '-n', '20', '-i', '250ms', '-q')
    expect(status).toBe(0)
    const names = readdirSync(parts).sort()
    expect(names).toContain('kmemtop-notes.txt')
    const recordings = names.filter(name => name.endsWith('.kmem'))
    expect(recordings.length).toBeGreaterThanOrEqual(2)
    for (const name of recordings) expect(frame(join(parts, name), '--frame')).toContain('MemAvailable')
    // the one being written may go over it
    const ended = recordings.slice(0, -1).reduce((bytes, name) => bytes + sizeOf(join(parts, name)), 0)
    expect(ended).toBeLessThanOrEqual(150 * 1024)
  })
})

test.each([
  ['record', '-o'],
  ['-b', '-w'],
])('kmemtop %s %s says that it could not write on, and how much there is', (...words) => {
  const file = path(`limit${words[0]}.kmem`)
  const limited = ['-c', 'ulimit -f 4; exec "$@"', 'sh', PROGRAM, ...words, file, '-n', '2']
  const { status, stderr } = spawnSync('sh', limited, { encoding: 'utf8', timeout: 60_000 })
  expect(status).toBe(2)
  expect(stderr).toContain('recording stopped: EFBIG')
  const said = /recorded .*, (.*) KiB/.exec(stderr)?.[1]
  if (words[0] === 'record') expect(Number(said)).toBe(sizeOf(file) / 1024)
})

testUnless(root ?? noTmpfs())('--save-on-alert into a read-only directory is refused at the start', () => {
  const disk = mkdtempSync(join(folder, 'read-only-'))
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'kmemtop-test', disk])
  try {
    const { status, stderr } = kmemtop('-b', '-n', '1', '--save-on-alert', disk)
    expect(stderr).toContain(`--save-on-alert ${disk}: cannot create files there`)
    expect(status).toBe(2)
  } finally {
    spawnSync('umount', [disk])
  }
})

testUnless(root ?? noTmpfs())(
  'a nearly full disk stops the recording with a notice, and the session continues',
  async () => {
    const disk = mkdtempSync(join(folder, 'disk-'))
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'kmemtop-test', disk])
    try {
      await runProgram({ args: ['-w', join(disk, 'full.kmem'), '-i', '200ms'] }, async terminal => {
        await terminal.waitFor(/REC/)
        fill(join(disk, 'ballast'))
        await terminal.waitFor(/not recording, press \?/)
        terminal.write('?')
        await terminal.waitFor(/recording stopped/)
        terminal.write('?')
        await terminal.waitFor(/LIVE/)
      })
    } finally {
      spawnSync('umount', [disk])
    }
  },
)

describe('the live screen', () => {
  test('w records the last minutes and what follows, m adds a mark, w stops; the file has all of it', async () => {
    const terminal = await openTerminal({
      command: PROGRAM,
      args: ['-i', '200ms'],
      columns: 120,
      rows: 40,
      cwd: mkdtempSync(join(folder, 'here-')),
    })
    try {
      await terminal.waitFor(/LIVE/)
      terminal.write('w')
      await terminal.waitFor(/● REC/)
      terminal.write('m')
      await terminal.waitFor(/mark:/)
      terminal.write('500 rps')
      await terminal.waitFor(/mark: 500 rps/)
      terminal.write('\r')
      await terminal.waitFor(/marked: 500 rps/)
      terminal.write('w')
      const screen = await terminal.waitFor(/recorded into (\S+\.kmem)/)
      await terminal.waitFor(text => !/● REC/.test(text))
      const [, file] = /recorded into (\S+\.kmem)/.exec(screen)!
      const here = readdirSync(folder).find(name => name.startsWith('here-'))!
      const open = openRecording(join(folder, here, file!))
      const readings = open.recording.parts.flatMap((_, i) => open.recording.readPart(i).readings)
      expect(open.recording.complete).toBe(true)
      expect(readings.some(({ collector, files }) => collector === 'mark' && files.text === '500 rps')).toBe(true)
      expect(readings[0]!.time).toBeLessThan(1000) // from before the key was pressed
    } finally {
      await terminal.close()
    }
  })

  test('space and an immediate step back rewind: the step waits for the samples in memory', async () => {
    await runProgram({ args: ['-i', '200ms'] }, async terminal => {
      await terminal.waitFor(/MemAvailable +[\d.]+/)
      const clock = (): string => /(\d\d:\d\d:\d\d) *$/.exec(terminal.screen()[0] ?? '')?.[1] ?? ''
      const start = clock()
      await terminal.waitFor(() => clock() > start)
      terminal.write(' \x1b[D')
      await terminal.waitFor(text => text.includes('├') && clock() <= start)
    })
  })

  test('rewinds while sampling continues, and returns to live', async () => {
    await runProgram({ args: ['-i', '200ms'] }, async terminal => {
      await terminal.waitFor(/MemAvailable +[\d.]+/)
      const clock = (): string => /(\d\d:\d\d:\d\d) *$/.exec(terminal.screen()[0] ?? '')?.[1] ?? ''
      const start = clock()
      await terminal.waitFor(() => clock() > start)
      terminal.write(' ')
      await terminal.waitFor(/PAUSED/)
      await terminal.waitFor(/├.*●.*┤/)
      terminal.write('\x1b0')
      await terminal.waitFor(() => clock() <= start)
      await terminal.waitFor(/AGO/)
      terminal.write('L')
      await terminal.waitFor(/LIVE/)
      await terminal.waitFor(text => !text.includes('├') && clock() > start)
    })
  })
})

describe('kmemtop replay', () => {
  test('opens a saved log at its end, where all of it is on the screen, and unfolds a report with Enter', async () => {
    const log = new URL('../fixtures/logs/oom-memcg.5.15.dmesg', import.meta.url).pathname
    const terminal = await openTerminal({ command: PROGRAM, args: ['replay', log], columns: 120, rows: 40 })
    try {
      await terminal.waitFor(/REPLAY ║[\s\S]*OOM kills[\s\S]*java +4321 +973M +1\.00G +1\.00G/)
      terminal.write('\r')
      await terminal.waitFor(/OOM kill of java\[4321\][\s\S]*was at its limit; the kernel killed java/)
    } finally {
      await terminal.close()
    }
  })

  const SESSION = new URL('../../snapshots/v2-pod-limit-oom/session.kmem', import.meta.url).pathname

  test('plays on the same screen, with speed, jumps to the alert, to a time and to tenths, and stays at the end', async () => {
    const terminal = await openTerminal({ command: PROGRAM, args: ['replay', SESSION], columns: 120, rows: 40 })
    try {
      await terminal.waitFor(/REPLAY › 1×/)
      terminal.write('>')
      await terminal.waitFor(/REPLAY › 2×/)
      terminal.write(']')
      await terminal.waitFor(/REPLAY ║[\s\S]*OOM KILL +java/)
      terminal.write('\x1b0')
      await terminal.waitFor(text => !/✖ OOM KILL/.test(text.split('\n')[1]!))
      terminal.write(':')
      await terminal.waitFor(/Tab completes/)
      terminal.write('100%\r')
      await terminal.waitFor(/═●┤/)
      terminal.write(':soon\r')
      await terminal.waitFor(/no command soon; .+, or a time like 14:05/)
    } finally {
      await terminal.close()
    }
  })

  test('reads a pipe, compressed or not, and keys from the terminal', async () => {
    const terminal = await openTerminal({
      command: 'sh',
      args: [
        '-c',
        `'${NODE}' -e 'process.stdout.write(require("zlib").zstdDecompressSync(require("fs").readFileSync("${SESSION}")))' | '${PROGRAM}' replay -`,
      ],
      columns: 100,
      rows: 30,
    })
    try {
      await terminal.waitFor(/REPLAY/)
      terminal.write('q')
      expect((await terminal.exited).code).toBe(0)
    } finally {
      await terminal.close()
    }
  })

  const following = (file: string) =>
    openTerminal({ command: PROGRAM, args: ['replay', file, '--follow'], columns: 120, rows: 40 })

  test('--follow shows what another process still records', async () => {
    const file = path('followed.kmem')
    const recorder = spawn(PROGRAM, ['record', '-o', file, '-i', '200ms', '-q'])
    try {
      await until(() => sizeOf(file) > 1000 && looksIn(file) >= 3)
      const terminal = await following(file)
      try {
        const clock = (): string => /(\d\d:\d\d:\d\d) *$/.exec(terminal.screen()[0] ?? '')?.[1] ?? ''
        await terminal.waitFor(/REPLAY/)
        const first = clock()
        await terminal.waitFor(() => clock() > first)
        recorder.kill('SIGTERM')
        await terminal.waitFor(/the recorder finished this recording/)
      } finally {
        await terminal.close()
      }
    } finally {
      recorder.kill('SIGKILL')
    }
  })

  test.each(['absent', 'empty'])('--follow of a file that is %s waits for its first sample', async how => {
    const file = path(`awaited-${how}.kmem`)
    if (how === 'empty') writeFileSync(file, '')
    const terminal = await following(file)
    try {
      await terminal.waitFor(/is empty: waiting for its first sample/)
      appendFileSync(file, readFileSync(SESSION))
      await terminal.waitFor(/REPLAY/)
    } finally {
      await terminal.close()
    }
  })

  test.each([
    ['nothing there', path('absent.kmem'), /cannot read .*ENOENT/],
    ['a directory', folder, /is a directory; name one of the recordings in it/],
    ['something else', PROGRAM, /is no recording of kmemtop/],
  ])('%s is refused in a sentence', (_, file, words) => {
    const { status, stderr, stdout } = kmemtop('replay', file, '--frame')
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(words)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

function fill(file: string): void {
  for (const size of [4096, 512]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size))
    } catch {} // until nothing more goes in
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

function looksIn(file: string): number {
  try {
    const open = openRecording(file)
    const samples = open.recording.parts.reduce((sum, _, i) => sum + open.recording.readPart(i).sampleEnds.length, 0)
    open.close()
    return samples
  } catch {
    return 0
  }
}

async function until(wanted: () => boolean): Promise<void> {
  while (!wanted()) await new Promise(resolve => setTimeout(resolve, 20))
}

function noTmpfs(): string | undefined {
  const disk = createTemporaryFolder()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'kmemtop-test', disk])
  if (status === 0) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
  return status === 0 ? undefined : 'no tmpfs can be mounted here'
}
