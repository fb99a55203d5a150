// Every detector with a case that raises its alert and a near miss that does not. The table has a row for each detector.
import { expect, test } from 'vitest'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import { type DetectorId, defaultThresholds, detectorIds, detectors } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import {
  createBuddyinfo,
  createKmsg,
  createMeminfo,
  createPsi,
  createReading,
  createThrottled,
  createV1Reading,
  createV2Reading,
  EL7,
  GiB,
  HOUR,
  KILLED,
  KMEM,
  MINUTE,
  MiB,
  repeatReadings,
  SLUB,
  V1,
} from './readings.ts'

/** TCP memory in pages, with a limit of 300. */
const createSockets = (time: number, pages: number): Reading =>
  createReading(time, 'sockstat', {
    '/proc/net/sockstat': `TCP: inuse 4 orphan 0 tw 0 alloc 6 mem ${pages}\n`,
    '/proc/sys/net/ipv4/tcp_mem': '100\t200\t300\n',
  })

/** A case: what it is, and what was read. */
interface Case {
  readonly what: string
  readonly readings: readonly Reading[]
  readonly kernel?: string
}

/** A log with 40 errors a second from `begin` on, beside AnonPages that grow by `grown(time)` bytes. */
const createStorm = (grown: (time: number) => number, begin = 4 * MINUTE): readonly Reading[] =>
  repeatReadings(6 * MINUTE, 1000, time => [
    createReading(time, 'applog', {
      '/var/log/app.log': time > begin ? '50 40 0\n40 failed to decrypt token ID' : '10 0 0',
    }),
    createMeminfo(time, { AnonPages: 4 * GiB + grown(time) }),
  ])

const ROWS: Readonly<Record<DetectorId, { readonly fires: Case; readonly misses: Case }>> = {
  'oom-kill': {
    fires: {
      what: 'the kernel killed a process',
      readings: [createKmsg(1000, KILLED), createMeminfo(2000), createKmsg(9000, 'x')],
    },
    misses: {
      what: 'a program wrote the same words into the log (facility 1)',
      readings: [createReading(1000, 'kmsg', { '/dev/kmsg': `12,1,3601000000,-;${KILLED}\n` })],
    },
  },
  'oom-without-kill': {
    fires: {
      what: 'out of memory, every process exempt from being killed',
      readings: [createKmsg(1000, 'Out of memory and no killable processes...')],
    },
    misses: { what: 'a process was killed', readings: [createKmsg(1000, KILLED)] },
  },
  'program-kills': {
    fires: {
      what: 'systemd-oomd killed a unit',
      readings: [
        createReading(1000, 'kmsg', {
          '/dev/kmsg':
            '30,1,3601000000,-;systemd-oomd[612]: Killed /user.slice/app.scope due to memory pressure for /user.slice being 71.22% > 50.00% for > 20s with reclaim activity\n',
        }),
      ],
    },
    misses: {
      what: 'a program writes about memory',
      readings: [
        createReading(1000, 'kmsg', { '/dev/kmsg': '30,1,3601000000,-;systemd[1]: Started Memory monitor.\n' }),
      ],
    },
  },
  'swap-full': {
    fires: {
      what: '95 % of swap used, 15 % of RAM available',
      readings: [createMeminfo(0, { SwapTotal: 8 * GiB, SwapFree: 0.4 * GiB, MemAvailable: 0.15 * 64 * GiB })],
    },
    misses: {
      what: '60 % of swap used, steady',
      readings: repeatReadings(HOUR, MINUTE, time =>
        createMeminfo(time, { SwapTotal: 8 * GiB, SwapFree: 3.2 * GiB, MemAvailable: 0.15 * 64 * GiB }),
      ),
    },
  },
  'network-limits': {
    fires: {
      what: 'TCP memory at 95 % of tcp_mem',
      readings: [createSockets(0, 285)],
    },
    misses: {
      what: 'TCP memory at 80 % of tcp_mem',
      readings: [createSockets(0, 240)],
    },
  },
  'frozen-cgroup': {
    fires: {
      what: 'under_oom 1 with the killer off',
      readings: [createV1Reading(0, 2, { [`${V1}/a/memory.oom_control`]: 'oom_kill_disable 1\nunder_oom 1\n' })],
    },
    misses: {
      what: 'under_oom 1 with the killer on',
      readings: [createV1Reading(0, 2, { [`${V1}/a/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 1\n' })],
    },
  },
  'kmem-leak': {
    fires: {
      what: '3.10 with kmem accounting active',
      kernel: EL7,
      readings: [KMEM, createV1Reading(2, 90)],
    },
    misses: {
      what: 'the same on 5.14, where cgroups share caches',
      kernel: '5.14.0',
      readings: [KMEM, createV1Reading(2, 90)],
    },
  },
  'memcg-ids': {
    fires: { what: '40,000 of 65,535 IDs', kernel: '4.4.0', readings: [createV1Reading(0, 40_000)] },
    misses: {
      what: 'as many removed cgroups on a kernel that frees their IDs',
      readings: [createV1Reading(0, 40_000)],
    },
  },
  'dying-cgroups': {
    fires: { what: '400 dying beside 2 directories', readings: [createV1Reading(0, 402)] },
    misses: { what: '250 dying, steady', readings: [createV1Reading(0, 252), createV1Reading(HOUR, 252)] },
  },
  'slab-growth': {
    fires: {
      what: '300 MiB an hour for two hours',
      readings: repeatReadings(2 * HOUR, MINUTE, time =>
        createMeminfo(time, { SUnreclaim: GiB + (300 * MiB * time) / HOUR }),
      ),
    },
    misses: {
      what: '300 MiB per hour up and down every half hour',
      readings: repeatReadings(6 * HOUR, MINUTE, time =>
        createMeminfo(time, { SUnreclaim: GiB + 50 * MiB * Math.abs(((time / (30 * MINUTE)) % 2) - 1) }),
      ),
    },
  },
  'kernel-memory': {
    fires: {
      what: 'page tables gain 300 MiB per hour',
      readings: repeatReadings(3 * HOUR, MINUTE, time =>
        createMeminfo(time, { PageTables: 100 * MiB + (300 * MiB * time) / HOUR }),
      ),
    },
    misses: {
      what: 'page tables gain 20 MiB per hour',
      readings: repeatReadings(3 * HOUR, MINUTE, time =>
        createMeminfo(time, { PageTables: 100 * MiB + (20 * MiB * time) / HOUR }),
      ),
    },
  },
  'pinned-cache': {
    fires: {
      what: '20 of 22 GiB cache are shmem',
      readings: [createMeminfo(0, { Cached: 22 * GiB, Shmem: 20 * GiB })],
    },
    misses: {
      what: '20 of 45 GiB cache are shmem',
      readings: [createMeminfo(0, { Cached: 45 * GiB, Shmem: 20 * GiB })],
    },
  },
  'mem-available': {
    fires: { what: '4 % of RAM left', readings: [createMeminfo(0, { MemAvailable: 0.04 * 64 * GiB })] },
    misses: {
      what: '6 % left, steady; MemFree of 1 %',
      readings: [createMeminfo(0, { MemAvailable: 0.06 * 64 * GiB, MemFree: 0.01 * 64 * GiB })],
    },
  },
  'cgroup-limit': {
    fires: {
      what: 'anon grows towards the limit from 80 %',
      readings: repeatReadings(MINUTE, 1000, time => createV2Reading(time, 0.8 * GiB + (5 * MiB * time) / 3000)),
    },
    misses: {
      what: 'at 99 % of the limit with page cache',
      readings: repeatReadings(MINUTE, 1000, time => createV2Reading(time, 0.99 * GiB, 0.6 * GiB)),
    },
  },
  'throttled-cgroup': {
    fires: {
      what: 'anon over memory.high: throttled ten times per second',
      readings: repeatReadings(MINUTE, 1000, time => createThrottled(time, time / 100)),
    },
    misses: {
      what: 'the same with page cache, which is reclaimed',
      readings: repeatReadings(MINUTE, 1000, time => createThrottled(time, time / 100, 0.4 * GiB)),
    },
  },
  reclaim: {
    fires: { what: 'PSI full avg60 of 8 %', readings: [createPsi(8)] },
    misses: { what: 'PSI full avg60 of 4 %', readings: [createPsi(4)] },
  },
  'alloc-failures': {
    fires: {
      what: 'three SLUB failures in ten minutes',
      readings: [createKmsg(1000, ...SLUB), createKmsg(2000, ...SLUB), createKmsg(3000, ...SLUB, 'x')],
    },
    misses: {
      what: 'two SLUB failures in ten minutes',
      readings: [createKmsg(1000, ...SLUB), createKmsg(2000, ...SLUB, 'x')],
    },
  },
  fragmentation: {
    fires: {
      what: '10 blocks of 8 pages while 3.6 GiB are free',
      readings: repeatReadings(3 * MINUTE, 10_000, time => [createMeminfo(time), createBuddyinfo(time, 10)]),
    },
    misses: {
      what: '400 blocks of 8 pages',
      readings: repeatReadings(3 * MINUTE, 10_000, time => [createMeminfo(time), createBuddyinfo(time, 400)]),
    },
  },
  writeback: {
    fires: {
      what: '10 of 40 GiB dirty for two minutes',
      readings: repeatReadings(2 * MINUTE, 1000, time => createMeminfo(time, { Dirty: 10 * GiB })),
    },
    misses: {
      what: '10 GiB dirty for half a minute',
      readings: repeatReadings(2 * MINUTE, 1000, time =>
        createMeminfo(time, { Dirty: time > 90_000 ? 10 * GiB : MiB }),
      ),
    },
  },
  'evidence-gaps': {
    fires: { what: 'records were overwritten', readings: [createKmsg(1000, 'a'), createKmsg(3000, 'b')] },
    misses: {
      what: 'records without a gap',
      readings: [
        createReading(1, 'kmsg', { '/dev/kmsg': '4,1,3600001000,-;a\n' }),
        createReading(9, 'kmsg', { '/dev/kmsg': '4,2,3600002000,-;b\n' }),
      ],
    },
  },
  'error-storm': {
    fires: {
      what: 'a log that had no errors has 40 a second while AnonPages grows',
      readings: createStorm(time => (time > 4 * MINUTE ? (time - 4 * MINUTE) * 2000 : 0)),
    },
    misses: {
      what: 'the log has always had 40 errors a second',
      readings: createStorm(() => 0, 0),
    },
  },
  'own-cost': {
    fires: {
      what: 'reading slabinfo takes 700 ms, and again 650 ms',
      readings: [
        { ...createReading(0, 'slabinfo', {}), cost: 700 },
        { ...createReading(10, 'slabinfo', {}), cost: 650 },
        createReading(11, 'uptime', { '/proc/uptime': '9.00 1.00\n' }),
      ],
    },
    misses: {
      what: 'the first reading of slabinfo takes 700 ms, each later one 70 ms every 10 s',
      readings: [
        { ...createReading(0, 'slabinfo', {}), cost: 700 },
        createReading(1, 'uptime', { '/proc/uptime': '9.00 1.00\n' }),
        { ...createReading(10, 'slabinfo', {}), cost: 70 },
        createReading(11, 'uptime', { '/proc/uptime': '19.00 1.00\n' }),
      ],
    },
  },
}

function raised({ readings, kernel = session.kernel }: Case): ReadonlySet<string> {
  const all = new Set<string>()
  const of: RecordingHeader = { ...session, kernel }
  let watch = createMonitorState(of)
  for (const one of readings) {
    watch = applyReading(watch, one, defaultThresholds)
    for (const { detector } of watch.alerts) all.add(detector)
  }
  return all
}

test('every detector has a row', () => {
  expect(Object.keys(ROWS).sort()).toEqual([...detectorIds].sort())
})

test.each(Object.entries(ROWS))('%s is raised by its case and not by its near miss', (id, { fires, misses }) => {
  expect([...raised(fires)], fires.what).toContain(id)
  expect([...raised(misses)], misses.what).not.toContain(id)
})

test('every alert has confidence, evidence and remedies', () => {
  for (const { fires } of Object.values(ROWS)) {
    let watch = createMonitorState({ ...session, kernel: fires.kernel ?? session.kernel })
    for (const one of fires.readings) watch = applyReading(watch, one, defaultThresholds)
    for (const alert of watch.alerts) {
      expect(alert.confidence, alert.title).toBeTruthy()
      expect(alert.cost, alert.title).toBeTruthy()
      expect(alert.remedy.length, alert.title).toBeGreaterThan(0)
      expect(Object.keys(alert.evidence).length, alert.title).toBeGreaterThan(0)
      expect(alert.summary, alert.title).not.toMatch(/undefined|NaN|null/)
      const explained = detectors[alert.detector].alerts.flatMap(({ titles }) => titles)
      expect(explained, 'docs/alerts.md explains it').toContain(alert.title)
    }
  }
})

test('slab of dying cgroups raises the cgroup alert only, unless the slab alert is more severe', () => {
  const readings = repeatReadings(2 * HOUR, MINUTE, time => [
    createV1Reading(time, 2 + Math.round(time / 2000)),
    createMeminfo(time, { SUnreclaim: GiB + Math.round(time / 2000) * 100 * 1024 }),
  ])
  expect([...raised({ what: '', readings })]).toEqual(['dying-cgroups'])
  const alone = repeatReadings(2 * HOUR, MINUTE, time =>
    createMeminfo(time, { SUnreclaim: GiB + Math.round(time / 2000) * 100 * 1024 }),
  )
  expect([...raised({ what: '', readings: alone })]).toEqual(['slab-growth'])
})

test.each([
  ['TCP MEMORY', 'TCP: out of memory -- consider tuning tcp_mem'],
  ['CONNTRACK FULL', 'nf_conntrack: nf_conntrack: table full, dropping packet'],
  ['COMMIT REFUSED', '__vm_enough_memory: pid: 12, comm: java, bytes: 4096 not enough memory for the allocation'],
])('%s is raised by three lines of the kernel log, not by two', (title, line) => {
  const titles = (times: number): readonly string[] =>
    Array.from({ length: times }, (_, i) => createKmsg(1000 * (i + 1), line))
      .reduce((state, one) => applyReading(state, one, defaultThresholds), createMonitorState(session))
      .alerts.map(alert => alert.title)
  expect(titles(2)).not.toContain(title)
  expect(titles(3)).toContain(title)
})

test('a victim that was already exiting raises an alert that names it and the limit', () => {
  const line = 'Memory cgroup out of memory: OOM victim 4059 (java) is already exiting. Skip killing the task'
  const { alerts } = [createKmsg(1000, line), createMeminfo(3000), createKmsg(9000, 'x')].reduce(
    (state, one) => applyReading(state, one, defaultThresholds),
    createMonitorState(session),
  )
  const alert = alerts.find(({ title }) => title === 'OOM AT EXIT')
  expect(alert?.severity).toBe('warning')
  expect(alert?.summary).toMatch(/hit its limit; java\[4059\] was already exiting, so no process was killed/)
})
