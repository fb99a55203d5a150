// The node's worst minute: a source hangs or fails, the disk fails, the terminal takes nothing or goes away, signals come.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRecording } from '../../src/recording/open-recording.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { buildFailingEnv, type FailingIo, noFailingIo } from '../helpers/trouble/failing-io.ts'
import { PROGRAM } from './program.ts'

const folder = createTemporaryFolder()
const testFailing = testUnless(noFailingIo())

const run = (words: readonly string[], io: FailingIo) =>
  spawnSync(PROGRAM, [...words], { encoding: 'utf8', env: buildFailingEnv(io), timeout: 50_000 })

/** Resolves when something outside is so. */
async function waitUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 50))
}

const hasEnded = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}

/** Collects what a program writes to stderr. */
function collectErrors(program: ChildProcess): () => string {
  let text = ''
  program.stderr!.on('data', piece => {
    text += String(piece)
  })
  return () => text
}

const countSamples = (path: string): number => {
  const { recording } = openRecording(path)
  return recording.parts.reduce((sum, _, i) => sum + recording.readPart(i).sampleEnds.length, 0)
}

describe('a source whose reads never return', () => {
  const start = (words: readonly string[], when: string, hangRead = '/proc/vmstat'): ChildProcess =>
    spawn(PROGRAM, [...words], { env: buildFailingEnv({ hangRead, when }) })

  testFailing('is named, the first SIGTERM ends the recorder, and what was recorded is there', async () => {
    const [file, when] = [join(folder, 'hung.kmem'), join(folder, 'hung')]
    const recorder = start(['record', '-o', file, '-i', '200ms'], when)
    const getErrors = collectErrors(recorder)
    await waitUntil(() => existsSync(file) && countSamplesSafely(file) >= 3)
    writeFileSync(when, '')
    await waitUntil(() =>
      /\/proc\/vmstat has not answered since \d\d:\d\d:\d\d: sampling has stalled/.test(getErrors()),
    )
    recorder.kill('SIGTERM')
    expect(await once(recorder, 'exit')).toEqual([0, null])
    expect(countSamples(file)).toBeGreaterThanOrEqual(3)
  })

  testFailing('or a file of --log: sampling goes on, and the first SIGTERM ends it', async () => {
    const [file, when, log] = ['log.kmem', 'hung-log', 'hung-app.log'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(log, '')
    const recorder = start(['record', '-q', '-o', file, '-i', '200ms', '--log', log], when, log)
    await waitUntil(() => existsSync(file) && countSamplesSafely(file) >= 3)
    writeFileSync(when, '')
    appendFileSync(log, 'ERROR no token\n')
    const before = countSamples(file)
    await waitUntil(() => countSamples(file) >= before + 10) // two seconds: the log is read once a second
    recorder.kill('SIGTERM')
    expect(await once(recorder, 'exit')).toEqual([0, null])
    expect(openRecording(file).recording.complete).toBe(true)
  })

  testFailing('is named on the screen, and q ends it', async () => {
    const when = join(folder, 'hung-screen')
    writeFileSync(when, '')
    const terminal = await openTerminal({
      command: PROGRAM,
      args: [],
      columns: 120,
      rows: 40,
      env: buildFailingEnv({ hangRead: '/proc/vmstat', when }),
    })
    try {
      await terminal.waitFor(/\/proc\/vmstat has not answered since/)
      terminal.write('qq')
      expect((await terminal.exited).code).toBe(0)
    } finally {
      await terminal.close()
    }
  })
})

function countSamplesSafely(path: string): number {
  try {
    return countSamples(path)
  } catch {
    return 0
  }
}

testFailing('check does not say ok when no cgroup can be read', () => {
  const { status, stdout } = run(['check', '--kmsg', 'off', '--json'], { failRead: 'cgroup' })
  const { verdict, sources } = JSON.parse(stdout)
  expect(sources.find(({ id }: { id: string }) => id === 'cgroups')).toMatchObject({
    ok: false,
    error: expect.stringContaining('EIO'),
  })
  expect(verdict).not.toBe('ok') // another source may still have found a problem
  expect(status).not.toBe(0)
})

testFailing('a disk that fails now and then costs no recording', () => {
  const file = join(folder, 'failing.kmem')
  const words = ['record', '-o', file, '-i', '100ms', '-n', '30', '--kmsg', 'off', '-q']
  const { status, stderr } = run(words, { failWrite: 'failing.kmem', rate: 3000 })
  expect([status, stderr]).toEqual([0, ''])
  expect(openRecording(file).recording.complete).toBe(true)
  expect(countSamples(file)).toBeGreaterThanOrEqual(30)
})

testFailing('a recording that cannot be read in places is played as far as it goes', () => {
  const file = join(folder, 'read.kmem')
  spawnSync(PROGRAM, ['record', '-o', file, '-i', '100ms', '-n', '20', '--kmsg', 'off', '-q'])
  const { status, stderr } = run(['info', file], { failRead: 'read.kmem', rate: 3000 })
  expect(stderr).not.toMatch(/internal error/)
  expect([0, 2]).toContain(status)
})

describe('the terminal', () => {
  async function withScreen(words: readonly string[], use: (terminal: Terminal) => Promise<void>): Promise<void> {
    const terminal = await openTerminal({ command: PROGRAM, args: words, columns: 120, rows: 40 })
    try {
      await terminal.waitFor(/LIVE/)
      await use(terminal)
    } finally {
      await terminal.close()
    }
  }

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s ends the screen, and its recording is complete',
    async signal => {
      const file = join(folder, `${signal}.kmem`)
      await withScreen(['-w', file, '-i', '300ms'], async terminal => {
        process.kill(terminal.pid, signal)
        expect(await terminal.exited).toEqual({ code: 0, signal: null })
        expect(terminal.bufferType()).toBe('normal')
      })
      expect(openRecording(file).recording.complete).toBe(true)
    },
  )

  test('SIGTERM ends the screen while the terminal takes nothing, and the recording is complete', async () => {
    const file = join(folder, 'stalled.kmem')
    await withScreen(['-w', file, '-i', '100ms'], async terminal => {
      terminal.stall()
      for (let i = 0; i < 40; i++) terminal.write('246') // views to draw: more than a terminal holds
      const before = countSamples(file)
      await waitUntil(() => countSamples(file) >= before + 30)
      process.kill(terminal.pid, 'SIGTERM')
      await waitUntil(() => hasEnded(terminal.pid))
      terminal.unstall()
      expect((await terminal.exited).code).toBe(0)
    })
    expect(openRecording(file).recording.complete).toBe(true)
  })

  test('SIGTERM ends --json while the terminal takes nothing', async () => {
    const file = join(folder, 'stalled-json.kmem')
    const size = { columns: 80, rows: 24 }
    const terminal = await openTerminal({ command: PROGRAM, args: ['--json', '-i', '100ms', '-w', file], ...size })
    try {
      terminal.stall()
      await waitUntil(() => existsSync(file) && countSamplesSafely(file) >= 20)
      process.kill(terminal.pid, 'SIGTERM')
      await waitUntil(() => hasEnded(terminal.pid))
      terminal.unstall()
      expect((await terminal.exited).code).toBe(0)
    } finally {
      await terminal.close()
    }
    expect(openRecording(file).recording.complete).toBe(true)
  })

  test.each([
    ['dumb', {}, /^memory {3}MemTotal/m],
    ['linux', {}, /\+- Memory -+/],
    ['vt220', {}, /\+- Memory -+/],
    ['xterm', { LC_ALL: 'C' }, /\+- Memory -+/],
  ])('TERM=%s %o gets what it can show', async (TERM, env, wanted) => {
    const terminal = await openTerminal({
      command: PROGRAM,
      args: ['-i', '500ms'],
      columns: 100,
      rows: 30,
      keepBytes: true,
      env: { ...env, TERM },
    })
    try {
      await terminal.waitFor(wanted)
      const bytes = terminal.rawBytes().bytes.toString('latin1')
      expect(bytes).not.toMatch(/[\x80-\xff]/)
      if (TERM === 'dumb') expect(bytes).not.toContain('\x1b')
      if (TERM === 'vt220') expect(bytes).not.toMatch(/\x1b\[[\d;]*3\d[\d;]*m/)
    } finally {
      await terminal.close()
    }
  })

  test('without a terminal as standard input, keys come from the terminal', async () => {
    const command = `${PROGRAM} < /dev/null; echo "code $?"`
    const terminal = await openTerminal({ command: 'sh', args: ['-c', command], columns: 100, rows: 30 })
    try {
      await terminal.waitFor(/LIVE/)
      terminal.write('qq')
      await terminal.waitFor(/code 0/)
    } finally {
      await terminal.close()
    }
  })

  test('without any terminal for keys it is one sentence', () => {
    const { status, stdout, stderr } = spawnSync('script', ['-qec', `setsid -w ${PROGRAM} < /dev/null`, '/dev/null'], {
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(stdout + stderr).toContain('kmemtop: there is no terminal to take keys from')
    expect(stdout + stderr).not.toMatch(/\n\s+at /)
    expect(status).toBe(2)
  })
})
