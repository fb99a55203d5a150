// A thread that samples several nodes: what waits for one node leaves the time to the others, and no node blocks it for long.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseSurvey } from '../../../src/collectors/holders/survey.ts'
import { createSystemClock, sleep } from '../../../src/sampling/clock.ts'
import { takeSurvey } from '../../../src/sampling/holders/take-survey.ts'
import { Link } from '../../../src/sampling/via/link/link.ts'
import { SampleLostError } from '../../../src/sampling/via/link/link-error.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
import { createShortBlock } from '../../../src/sampling/via/short-block.ts'
import { type Waiting, waitInThread, waitWithOthers } from '../../../src/sampling/via/waiting.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { createThread } from './shells.ts'

const MAX_PAUSES = 30 // of the middle of a sample

function createSharedThread(): ReturnType<typeof createThread> {
  const thread = createThread()
  const block = <Result>(work: Waiting<Result>): Result => {
    let pauses = 0
    return waitInThread(work, ms => {
      if (pauses++ > MAX_PAUSES) throw new SampleLostError('waited too long')
      thread.nap(ms)
    })
  }
  return { ...thread, isShared: true, block, run: work => waitWithOthers(work, sleep) }
}

const openLink = (command: string, thread: ReturnType<typeof createThread>): Promise<Link> =>
  waitWithOthers(Link.open({ command, reconnects: true }, thread), sleep)

test('several nodes connect and are sampled at the same time', async () => {
  const thread = createSharedThread()
  let isSlowConnected = false
  const slow = openLink('sleep 3; exec sh', thread).then(link => {
    isSlowConnected = true
    link.close()
  })
  const host = new RemoteHost(await openLink('exec sh', thread), thread, '')
  for (let i = 0; i < 3; i++) await host.link.beginSample(['/proc/meminfo'])
  expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
  expect(isSlowConnected).toBe(false)
  host.close()
  await slow
})

test('a survey of a node that stops answering leaves the time to the samples of others', async () => {
  const thread = createSharedThread()
  const mark = join(createTemporaryFolder(), 'continue')
  // answers that say who the node is, and then no more until the file is there
  const far = `sh | { dd bs=1 count=3000 2>/dev/null; until [ -e ${mark} ]; do sleep 0.1; done; cat; }`
  const stalled = new RemoteHost(await openLink(far, thread), thread, '')
  const other = new RemoteHost(await openLink('exec sh', thread), thread, '')
  let isSurveyed = false
  const survey = takeSurvey(stalled.createSurveyHost(), createSystemClock(), 'x', () => sleep(0)).then(reading => {
    isSurveyed = true
    return reading
  })
  for (let i = 0; i < 3; i++) await other.link.beginSample(['/proc/meminfo'])
  expect(other.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
  expect(isSurveyed).toBe(false)
  writeFileSync(mark, '')
  expect((await survey).files['/survey']).toContain('"fact":"coverage"')
  stalled.close()
  other.close()
})

test('samples of a node go on while it is surveyed, and each gets its own answers', async () => {
  const thread = createSharedThread()
  const host = new RemoteHost(await openLink('exec sh', thread), thread, '')
  const survey = takeSurvey(host.createSurveyHost(), createSystemClock(), 'x', () => sleep(0))
  for (let i = 0; i < 10; i++) {
    await host.link.beginSample(['/proc/meminfo', '/proc/vmstat'])
    expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
    expect(host.readFile('/proc/vmstat')).toMatch(/^nr_free_pages \d+\n/)
    expect(host.readFile('/proc/version')).toMatch(/^Linux /) // asked in the middle of the sample
  }
  const { processes, processesRead } = parseSurvey((await survey).files['/survey']!)
  expect(processesRead).toBe(processes)
  expect(host.link.failure).toBeUndefined()
  host.close()
})

test('a node that stops answering in the middle of a sample gives errors that may pass, and is reached again', async () => {
  const thread = createSharedThread()
  const second = join(createTemporaryFolder(), 'second')
  // the first connection answers for a while, and then no more
  const stall = `{ dd bs=1 count=2600 2>/dev/null; until [ -e ${second}.over ]; do sleep 0.1; done; kill $$; }`
  const far = `if [ -e ${second} ]; then exec sh; fi; : >${second}; sh | ${stall}`
  const host = new RemoteHost(await openLink(far, thread), thread, '')
  const catchError = (path: string): unknown => {
    try {
      return host.readFile(path)
    } catch (error) {
      return error
    }
  }
  expect(catchError('/proc/vmstat')).toMatchObject({ name: 'SampleLostError', code: 'EIO' })
  const begun = thread.now()
  expect(catchError('/proc/meminfo')).toMatchObject({ message: 'waited too long' })
  expect(thread.now() - begun).toBeLessThan(1000) // at once: nobody is asked
  expect(host.link.failure).toBeUndefined()
  expect(thread.statuses.at(-1)).toMatchObject({ state: 'waiting', reconnects: 0 })
  writeFileSync(`${second}.over`, '') // the command ends
  await host.link.beginSample(['/proc/vmstat'])
  expect(host.readFile('/proc/vmstat')).toMatch(/^nr_free_pages \d+\n/)
  expect(thread.statuses.at(-1)).toMatchObject({ state: 'up', reconnects: 1 })
  host.close()
})

test('a late answer is dropped, and the next sample is of the same connection', async () => {
  const thread = createSharedThread()
  const mark = join(createTemporaryFolder(), 'continue')
  const far = `sh | { dd bs=1 count=3000 2>/dev/null; until [ -e ${mark} ]; do sleep 0.1; done; cat; }`
  const host = new RemoteHost(await openLink(far, thread), thread, '')
  expect(() => host.readFile('/proc/vmstat')).toThrow('waited too long')
  writeFileSync(mark, '')
  await host.link.beginSample(['/proc/meminfo'])
  expect(host.readFile('/proc/meminfo')).toMatch(/^MemTotal:/)
  expect(thread.statuses.at(-1)).toMatchObject({ state: 'up', reconnects: 0 })
  host.close()
})

test('a node may block its thread for a few times what its answers took, longer after one that came late, and a second at most', () => {
  let time = 0
  const block = createShortBlock(
    () => time,
    ms => {
      time += ms
    },
  )
  function* answerAfter(ms: number): Waiting<string> {
    for (const end = time + ms; time < end; ) yield 10
    return 'answer'
  }
  const measureBlock = (ms: number): number => {
    const begun = time
    try {
      block(answerAfter(ms), 20)
    } catch (error) {
      expect(error).toBeInstanceOf(SampleLostError)
    }
    return time - begun
  }
  expect(measureBlock(5000)).toBeLessThan(300) // the first
  expect(measureBlock(400)).toBe(400)
  for (let i = 0; i < 6; i++) measureBlock(20)
  expect(measureBlock(5000)).toBeLessThan(300)
  expect(measureBlock(400)).toBe(400)
  expect(measureBlock(900)).toBe(900)
  expect(measureBlock(5000)).toBeLessThan(1100)
})
