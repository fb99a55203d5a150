// Real leaks, one kind of kernel object each: the alert names the cache that holds them.
import { expect } from 'vitest'
import { pickCases } from '../full.ts'
import { testUnless } from '../helpers/test-unless.ts'
import { canLeak, type LeakKind, startLeak, waitUntilSlabSettles } from '../helpers/trouble.ts'
import { runProgram } from './program.ts'

/** Where the objects lie: the cache by its own name or, where it is merged with others or of no name, by theirs. */
const CACHES: Readonly<Record<LeakKind, RegExp>> = {
  tmpfs: /shmem_inode_cache/,
  tcp: /\bTCP\b/,
  udp6: /\bUDPv6\b/,
  unix: /\bUNIX/,
  pipe: /kmalloc-(cg-)?1k|kmalloc-1024/,
  eventfd: /\bfilp\b/,
  timerfd: /kmalloc-256/,
  epoll: /eventpoll_epi/,
  timer: /posix_timers_cache/,
  signal: /sigqueue/,
  lock: /file_lock_cache/,
  vma: /vm_area_struct/,
  message: /msg_msg|kmalloc-(cg-)?128/,
  semaphore: /kmalloc-(cg-)?8k|kmalloc-8192/,
  key: /key_jar/,
  packet: /skbuff_|kmalloc-(512|1k)/,
}

/** The banner from the alert on: its line and the next, which it may need. Empty while there is no alert. */
const getAlertText = (screen: string): string => /SLAB GROWTH .*(\n.*)?/.exec(screen)?.[0] ?? ''

/** The kind that leaks also when not all cases run: a merged cache. test/e2e/slab.test.ts has a cache of its own. */
const BY_DEFAULT: readonly LeakKind[] = ['eventfd']

for (const kind of pickCases(BY_DEFAULT, Object.keys(CACHES) as LeakKind[]))
  testUnless(canLeak())(`${kind}: its cache is named`, async ({ skip }) => {
    await waitUntilSlabSettles()
    // as if booted long ago: what a node takes in its first half hour is no leak
    // and kills of other tests a few minutes ago must not fill the banner
    const args = ['--set', 'slab-growth.warmUpMinutes=0', '--set', 'oom-kill.markedMinutes=0.01']
    await runProgram({ columns: 250, rows: 50, args }, async terminal => {
      await terminal.waitFor(/in \d+ caches/)
      const held = await startLeak(kind).catch(({ message }: Error) => {
        console.warn(`skipped: ${kind}: ${message}`) // a container’s seccomp filter, no IPv6, …
        return skip(message)
      })
      try {
        // the alert comes with SUnreclaim, the cache with the next reading of slabinfo
        const named = (screen: string): boolean => CACHES[kind].test(getAlertText(screen))
        const screen = await terminal.waitFor(named)
        expect(getAlertText(screen)).toMatch(CACHES[kind])
        console.info(`${kind}: ${getAlertText(screen).slice(0, 220).replace(/\s+/g, ' ')}`)
      } finally {
        await held.release()
      }
    })
  })
