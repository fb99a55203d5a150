// Real slab growth on 6.18, one kind of kernel object each: the caches that are named, and their names.
// The files are from before and after the growth (rows of unchanged caches are left out).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { listSlabRows } from '../../src/panels/slab/rows.ts'
import { readFixture, session } from '../fixtures.ts'

const MINUTE = 60_000
const SLAB = '/sys/kernel/slab/'

function readKind(kind: string): readonly Reading[] {
  const text = readFileSync(new URL(`../fixtures/slab-growth/${kind}.txt`, import.meta.url), 'latin1')
  const of = (when: string, path: string): string => {
    const begin = text.indexOf(`=== ${when} ${path}\n`)
    return text.slice(
      text.indexOf('\n', begin) + 1,
      text.indexOf('===', begin + 3) < 0 ? undefined : text.indexOf('===', begin + 3),
    )
  }
  const flags = readFixture('6.18', '/sys/kernel/slab.reclaim_account').trimEnd().split('\n')
  const slab: Record<string, string> = { [SLAB]: readFixture('6.18', '/sys/kernel/slab.listing') }
  for (const [name, flag] of flags.map(line => line.split(' '))) slab[`${SLAB}${name}/reclaim_account`] = `${flag}\n`
  const at = (when: string, time: number): readonly Reading[] => [
    { time, collector: 'slabinfo', files: { '/proc/slabinfo': of(when, '/proc/slabinfo') } },
    { time: time + 1, collector: 'meminfo', files: { '/proc/meminfo': of(when, '/proc/meminfo') } },
  ]
  const times = Array.from({ length: 66 }, (_, i) => i * 10_000)
  return [
    { time: 0, collector: 'slab', files: slab },
    ...times.flatMap(time => at(time <= 10 * MINUTE ? 'before' : 'after', time)),
  ]
}

// the captures grew by a few megabytes only: they were made on a small machine within a second
const limits = {
  ...defaultThresholds,
  'slab-growth': { ...defaultThresholds['slab-growth'], fastShare: 0, fastLeast: 2 ** 21, fastMost: 2 ** 21 },
}

function seen(kind: string, wanted: (reading: Reading) => boolean = () => true) {
  const watch = readKind(kind)
    .filter(wanted)
    .reduce((now, reading) => applyReading(now, reading, limits), createMonitorState(session))
  return { alert: watch.alerts.find(({ detector }) => detector === 'slab-growth'), history: watch.history }
}

describe('unreclaimable', () => {
  test.each([
    ['dentry', 'shmem_inode_cache'],
    ['epoll', 'kmalloc-256', 'filp', 'eventpoll_epi'],
    ['eventfd', 'filp', 'kmalloc-64'],
    ['inotify', 'shmem_inode_cache'],
    ['locks', 'file_lock_cache'],
    ['msgq', 'msg_msg-128'],
    ['pipes', 'kmalloc-cg-1k', 'filp'],
    ['signals', 'sigqueue'],
    ['sockets', 'TCP'],
    ['timerfd', 'kmalloc-256', 'filp'],
    ['timers', 'mnt_cache'],
    ['udp', 'UDPv6'],
    ['vmas', 'vm_area_struct', 'maple_node'],
  ])('%s are attributed to %s', (kind, ...names) => {
    const { alert } = seen(kind)
    expect(alert?.summary).toMatch(/^SUnreclaim \+/)
    const named = alert?.caches ?? []
    expect(named.slice(0, names.length)).toEqual(names)
  })

  test('growth after the last read of slabinfo is not attributed yet', () => {
    const { alert } = seen('sockets', ({ collector, time }) => collector !== 'slabinfo' || time <= 10 * MINUTE)
    expect(alert?.summary).toContain('cache unknown until slabinfo is read again')
    expect(alert?.confidence).toMatch(/^low: /)
  })

  test('merged caches are named with their aliases', () => {
    expect(seen('timers').alert?.summary).toContain('mnt_cache (= posix_timers_cache')
    expect(seen('signals').alert?.summary).toMatch(/sigqueue \(= .*inotify_inode_mark/)
  })
})

describe('reclaimable, or no slab at all', () => {
  test.each(['ext4inodes', 'negdentry', 'bpfmap', 'unixdgram'])('%s raise no alert', kind => {
    expect(seen(kind).alert).toBeUndefined()
  })

  test.each([
    ['ext4inodes', 'ext4_inode_cache'],
    ['negdentry', 'dentry'],
  ])('%s are the first row of the slab list: %s', (kind, name) => {
    expect(listSlabRows(createInitialState(seen(kind).history))[0]?.name).toBe(name)
  })
})
