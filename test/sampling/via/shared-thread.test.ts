// A thread that samples several nodes: what waits for one node leaves the time to the others, and no node blocks it for long.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sleep } from '../../../src/sampling/clock.ts'
import { Link } from '../../../src/sampling/via/link.ts'
import { SampleLostError } from '../../../src/sampling/via/link-error.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
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

test('a node that stops answering in the middle of a sample gives errors that may pass, and is reached again', async () => {
  const thread = createSharedThread()
  const second = join(createTemporaryFolder(), 'second')
  // the first connection answers for a while, and then no more
  const far = `if [ -e ${second} ]; then exec sh; fi; : >${second}; sh | { dd bs=1 count=2600 2>/dev/null; exec sleep 60; }`
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
  await host.link.beginSample(['/proc/vmstat'])
  expect(host.readFile('/proc/vmstat')).toMatch(/^nr_free_pages \d+\n/)
  expect(thread.statuses.at(-1)).toMatchObject({ state: 'up', reconnects: 1 })
  host.close()
})
