// appendReading accepts any text: it never throws, reports what is wrong and where, keeps the last state, and recovers.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Files } from '../src/collectors/collector.ts'
import { type CollectorId, collectorIds } from '../src/collectors/index.ts'
import { appendReading, createHistory, type History, type Reading } from '../src/history.ts'
import { buildHistory, readFixture, session } from './fixtures.ts'
import { createRandom } from './seeded-random.ts'

const CGROUP = '/sys/fs/cgroup'
const POD = `${CGROUP}/system.slice`

// as Documentation/mm/allocation-profiling.rst and the kernel's own commit show it
const ALLOCINFO =
  'allocinfo - version: 1.0\n#     <size>  <calls> <tag info>\n           0        0 init/main.c:1314 func:do_initcalls\n         512        1 arch/x86/events/rapl.c:681 func:init_rapl_pmus\n'

/** Real texts, one sample of each collector. */
const REAL: Readonly<Record<CollectorId, Files>> = {
  kmsg: { '/dev/kmsg': readFileSync(new URL('fixtures/kmsg/oom-group.v2-6.12.kmsg', import.meta.url), 'latin1') },
  clock: { '/clock': 'step 3610000 1795452000000 9000000\nsuspend 3620000 1795453000000 60000\n' },
  uptime: { '/proc/uptime': readFixture('6.18', '/proc/uptime') },
  meminfo: { '/proc/meminfo': readFixture('6.18', '/proc/meminfo') },
  vmstat: { '/proc/vmstat': readFixture('6.18', '/proc/vmstat') },
  pressure: { '/proc/pressure/memory': readFixture('6.18', '/proc/pressure/memory') },
  buddyinfo: { '/proc/buddyinfo': readFixture('6.18', '/proc/buddyinfo') },
  slab: { '/sys/kernel/slab/': readFixture('6.18', '/sys/kernel/slab.listing') },
  slabinfo: { '/proc/slabinfo': readFixture('6.18', '/proc/slabinfo').split('\n').slice(0, 40).join('\n') },
  sockstat: { '/proc/net/sockstat': readFixture('6.18', '/proc/net/sockstat') },
  vmallocinfo: { '/proc/vmallocinfo': readFixture('6.18', '/proc/vmallocinfo') },
  allocinfo: { '/proc/allocinfo': ALLOCINFO },
  names: { [`/var/log/containers/web-0_shop_nginx-${'9d1c6a0b'.repeat(8)}.log`]: '/var/log/pods/x' },
  kmem: { '/sys/fs/cgroup/memory/kubepods/memory.kmem.slabinfo': 'EIO\n' },
  hugepages: {
    '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '512\n',
    '/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages': '12\n',
    '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  },
  swap: {
    '/proc/swaps': 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0 partition\t262140\t\t0\t\t100\n',
    '/sys/block/zram0/mm_stat': '    8192      111    12288        0    12288        1        0        0        0\n',
  },
  zfs: {
    '/proc/spl/kstat/zfs/arcstats': '13 1 0x01 96 26112 5 9\nname type data\nsize 4 17179869184\nc_max 4 33722441728\n',
  },
  zoneinfo: {
    '/proc/zoneinfo':
      'Node 0, zone   Normal\n  pages free     12\n  pagesets\n    cpu: 0\n              count:    44\n',
  },
  numa: { '/sys/devices/system/node/node1/meminfo': 'Node 1 MemTotal: 1024 kB\nNode 1 MemFree: 12 kB\n' },
  holders: {
    '/survey':
      '{"fact":"coverage","reason":"slab-growth SUnreclaim","processes":2,"processesRead":2,"refused":0,"openFiles":900,"cost":12}\n{"fact":"process","pid":7,"name":"web","cgroup":"/a","files":800,"kinds":{"eventfd":790},"threads":1,"pageTables":4096,"shmem":0,"watches":0,"locks":0}\n',
  },
  applog: { '/var/log/app.log': '12 3 0\n3 failed to decrypt token ID' },
  mark: { text: '500 rps' },
  cgroups: {
    '/proc/1/mountinfo': readFixture('6.12', '/proc/1/mountinfo'),
    '/proc/cgroups': readFixture('6.12', '/proc/cgroups'),
    [`${CGROUP}/cgroup.controllers`]: readFixture('6.12', `${CGROUP}/cgroup.controllers`),
    [`${CGROUP}/cgroup.stat`]: readFixture('6.12', `${CGROUP}/cgroup.stat`),
    [`${CGROUP}/`]: '1\n',
    [`${POD}/`]: '2\n',
    ...Object.fromEntries(
      ['memory.current', 'memory.max', 'memory.events', 'memory.stat', 'memory.swap.current'].map(name => [
        `${POD}/${name}`,
        readFixture('6.12', `${POD}/${name}`),
      ]),
    ),
  },
}

const good = (collector: CollectorId, time: number): Reading => ({ time, collector, files: REAL[collector] })

/** Texts cut off at many points, then texts with some of their bytes changed. */
function* mutations(collector: CollectorId): Generator<Files> {
  const random = createRandom(collector.length * 7919)
  const files = REAL[collector]
  for (const [path, text] of Object.entries(files)) {
    const step = Math.max(1, Math.floor(text!.length / 250))
    for (let end = 0; end < text!.length; end += step) yield { ...files, [path]: text!.slice(0, end) }
    for (let run = 0; run < 150; run++) {
      const bytes = [...text!]
      const flips = 1 + Math.floor(random() * 8)
      for (let i = 0; i < flips; i++)
        bytes[Math.floor(random() * bytes.length)] = String.fromCharCode(Math.floor(random() * 256))
      yield { ...files, [path]: bytes.join('') }
    }
    yield { ...files, [path]: null }
    yield { ...files, [path]: '' }
  }
}

describe.each(collectorIds.map(id => [id]))('%s', id => {
  const before = appendReading(createHistory(session), good(id, 1000))

  test('accepts the real texts without a problem', () => {
    expect(before.sources[id]).toMatchObject({ okAt: 1000 })
    expect(before.sources[id]?.error).toBeUndefined()
    expect(before[id]).not.toEqual(createHistory(session)[id])
  })

  test('accepts truncated and malformed texts, and each problem names its file', () => {
    let problems = 0
    for (const files of mutations(id)) {
      const after = appendReading(before, { time: 2000, collector: id, files })
      const { error } = after.sources[id]!
      if (error !== undefined) problems++
      if (error !== undefined) expect(error).toMatch(/^\/\S+, line \d+: expected .+, came /s)
      if (error !== undefined && id !== 'cgroups' && id !== 'kmsg') expect(after[id]).toBe(before[id]) // nothing is lost
    }
    if (!['kmsg', 'slab', 'names', 'mark'].includes(id)) expect(problems).toBeGreaterThan(0) // these leave out what they do not know
  })

  test('recovers with the next valid text', () => {
    for (const files of mutations(id)) {
      const garbled = appendReading(before, { time: 2000, collector: id, files })
      const after = appendReading(garbled, good(id, 3000))
      expect(after.sources[id]).toMatchObject({ okAt: 3000 })
      expect(after.sources[id]?.error).toBeUndefined()
    }
  })

  test('keeps its state if it cannot be read, and the time of the last success', () => {
    const error = "EACCES: permission denied, open '/some/file'"
    const after = appendReading(before, { time: 9000, collector: id, files: {}, error })
    expect(after[id]).toBe(before[id])
    expect(after.sources[id]).toMatchObject({ error: '/some/file: permission denied (EACCES)', okAt: 1000 })
    expect(appendReading(after, good(id, 9500)).sources[id]?.error).toBeUndefined()
  })
})

describe('a malformed text', () => {
  const garbled = buildHistory([
    good('meminfo', 0),
    { time: 1000, collector: 'meminfo', files: { '/proc/meminfo': '?' } },
  ])
  const reported = (history: History): string | undefined => history.sources.meminfo?.error

  test('is a problem until the text changes: a sample without changes has the same text', () => {
    const next = appendReading(garbled, { time: 2000, collector: 'meminfo', files: {} })
    expect(reported(next)).toBe(reported(garbled))
    expect(reported(appendReading(next, good('meminfo', 3000)))).toBeUndefined()
  })

  test('is still the problem after an error in between', () => {
    const refused = appendReading(garbled, {
      time: 2000,
      collector: 'meminfo',
      files: {},
      error: 'EIO: i/o error, read',
    })
    expect(reported(refused)).toContain('EIO')
    expect(reported(appendReading(refused, { time: 3000, collector: 'meminfo', files: {} }))).toBe(reported(garbled))
  })
})

test.each(['tomorrow', 'toString', 'constructor', '__proto__', 'hasOwnProperty'])(
  'a collector that this version does not have is left out: %s',
  name => {
    const history = buildHistory([good('meminfo', 0)])
    expect(appendReading(history, { ...good('meminfo', 5), collector: name as CollectorId })).toBe(history)
  },
)

test('the time is that of the newest reading, and never goes back', () => {
  const history = buildHistory([good('meminfo', 5000), good('uptime', 3000)])
  expect(history.time).toBe(5000)
})

test('a reading does not change the history that it is added to', () => {
  const history = buildHistory([good('meminfo', 0), good('cgroups', 0), good('slabinfo', 0)])
  const copy = structuredClone({ ...history.slabinfo, values: [...history.meminfo.values] })
  for (const id of collectorIds) appendReading(history, good(id, 8000))
  expect({ ...history.slabinfo, values: [...history.meminfo.values] }).toEqual(copy)
  expect(history.time).toBe(0)
})
