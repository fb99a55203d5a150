// Noisy nodes: what must raise no alert, exactly one alert, or an alert in time.
import { describe, expect, test } from 'vitest'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { getEvidence } from '../../src/detectors/evidence.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { listLeakRemedies } from '../../src/detectors/remedies/cgroup-remedies.ts'
import type { Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'
import { createNormal, createRandom } from '../seeded-random.ts'
import {
  createBuddyinfo,
  createMeminfo,
  createReading,
  createV1Reading,
  createV2Reading,
  GiB,
  HOUR,
  KMEM,
  MINUTE,
  MiB,
  repeatReadings,
  V1,
  V2,
} from './readings.ts'

const SECOND = 1000

/** All alerts that were raised, resolved ones too. */
function alertsOf(readings: readonly Reading[], kernel = session.kernel): readonly Alert[] {
  const of: RecordingHeader = { ...session, kernel }
  return readings.reduce((watch, one) => applyReading(watch, one, defaultThresholds), createMonitorState(of)).alerts
}

const saw = (time: number, period: number): number => (time % period) / period
const wobble = (time: number): number => Math.sin(time / 47_000) + Math.sin(time / 131_000)

describe('a rise that ended a while ago', () => {
  const risen = (name: string, until: number) =>
    repeatReadings(85 * MINUTE, 15 * SECOND, time =>
      createMeminfo(time, { [name]: GiB + (4 * GiB * Math.min(Math.max(0, time - 10 * MINUTE), until)) / HOUR }),
    )

  test.each(['SUnreclaim', 'PageTables'])('of %s is reported as level', name => {
    const open = alertsOf(risen(name, HOUR)).filter(({ resolvedAt }) => resolvedAt === undefined)
    expect(open.map(({ summary }) => summary)).toEqual([
      expect.stringMatching(/GiB\/h, level for 1[56] min.*; no memory left in ~.* if it continues/),
    ])
  })

  test.each(['SUnreclaim', 'PageTables'])('of %s is not reported as level while it continues', name => {
    const summaries = alertsOf(risen(name, 2 * HOUR)).map(({ summary }) => summary)
    expect(summaries).toEqual([expect.not.stringContaining('level')])
  })
})

describe('a level of kernel memory', () => {
  test('that moves around its threshold is one alert, resolved when it is clearly below', () => {
    const readings = repeatReadings(HOUR, 15 * SECOND, time => {
      const off = time > 50 * MINUTE ? -GiB : 40 * MiB * Math.sin(time / (2 * MINUTE))
      return createMeminfo(time, { PageTables: 0.05 * 64 * GiB + off })
    })
    const alerts = alertsOf(readings)
    expect(alerts.map(({ detector }) => detector)).toEqual(['kernel-memory'])
    expect(alerts[0]!.resolvedAt).toBeLessThan(52 * MINUTE)
  })
})

describe('pinned cache', () => {
  const FILES = { Cached: 22 * GiB, Shmem: 0, AnonPages: 38 * GiB, Mlocked: 36 * GiB }

  test('does not include the locked memory of a program beside reclaimable cache', () => {
    const alerts = alertsOf([createMeminfo(0, { ...FILES, 'Active(file)': 10 * GiB, 'Inactive(file)': 12 * GiB })])
    expect(alerts).toEqual([])
  })

  test('includes locked files, which are on no LRU list', () => {
    const [alert] = alertsOf([createMeminfo(0, { ...FILES, 'Active(file)': GiB, 'Inactive(file)': GiB })])
    expect(alert?.summary).toBe('20.0 GiB of 22.0 GiB cache (31 % of RAM) cannot be freed: pages locked in memory')
  })

  test('that fits into swap can only be swapped out', () => {
    const [alert] = alertsOf([createMeminfo(0, { Cached: 22 * GiB, Shmem: 20 * GiB, SwapFree: 8 * GiB })])
    expect(alert?.summary).toContain('can only be swapped out')
  })
})

describe('direct reclaim without PSI', () => {
  test('names the counters that this kernel has for verification', () => {
    const readings = repeatReadings(2 * MINUTE, SECOND, time =>
      createReading(time, 'vmstat', { '/proc/vmstat': `allocstall ${time / 10}\n` }),
    )
    const [alert] = alertsOf(readings, '4.4.0')
    expect([alert?.title, alert?.confirm?.command]).toEqual([
      'MEMORY PRESSURE',
      'grep -E "allocstall|pgscan_direct" /proc/vmstat',
    ])
  })
})

describe('MemAvailable', () => {
  test('that moves up and down within its usual range raises no alert', () => {
    const noise = createNormal(createRandom(7))
    let off = 0
    const readings = repeatReadings(12 * HOUR, 15 * SECOND, time => {
      off = 0.97 * off + 0.25 * GiB * noise() // a minute's moves of a node with many short jobs
      return createMeminfo(time, { MemAvailable: 12 * GiB + off })
    })
    const late = alertsOf(readings).filter(({ raisedAt }) => raisedAt > HOUR)
    expect(late).toEqual([])
  })

  test('that falls below its usual range raises an alert', () => {
    const readings = repeatReadings(3 * HOUR, 15 * SECOND, time =>
      createMeminfo(time, { MemAvailable: 12 * GiB - Math.max(0, time - 2 * HOUR) * 9000 }),
    )
    expect(alertsOf(readings).map(({ detector }) => detector)).toEqual(['mem-available'])
  })

  test('is computed on a kernel without it, and page cache does not use it up', () => {
    const readings = repeatReadings(HOUR, 15 * SECOND, time => {
      const cached = Math.min(20 * GiB, (GiB * time) / MINUTE)
      const lines = { MemTotal: 64 * GiB, MemFree: 24 * GiB - cached, Cached: cached, AnonPages: 40 * GiB }
      const text = Object.entries(lines).map(([name, bytes]) => `${name}: ${Math.round(bytes / 1024)} kB\n`)
      return createReading(time, 'meminfo', { '/proc/meminfo': text.join('') })
    })
    expect(alertsOf(readings)).toEqual([])
  })

  test('taken by a balloon or reserved as huge pages is reported as such', () => {
    const words = (after: Readonly<Record<string, number>>) =>
      alertsOf([createMeminfo(0, { Hugetlb: 0 }), createMeminfo(5 * MINUTE, { MemAvailable: GiB, ...after })])[0]
        ?.summary
    expect(words({ MemTotal: 31 * GiB })).toMatch(/MemTotal fell by 33.0 GiB within 5 min: a balloon/)
    expect(words({ Hugetlb: 38 * GiB })).toMatch(/Hugetlb holds 38.0 GiB, \+38.0 GiB in 5 min/)
    expect(words({ AnonPages: 40 * GiB })).toMatch(/AnonPages holds 40.0 GiB, \+22.0 GiB/)
  })

  test('used up by tmpfs files has an alert with the time left, beside the one for pinned cache', () => {
    const readings = repeatReadings(HOUR, 15 * SECOND, time => {
      const shmem = (40 * GiB * Math.max(0, time - 10 * MINUTE)) / (50 * MINUTE)
      const [free, cached] = [40.5 * GiB - shmem, 3 * GiB + shmem]
      return createMeminfo(time, { MemFree: free, MemAvailable: free + 2.5 * GiB, Shmem: GiB + shmem, Cached: cached })
    })
    const alerts = alertsOf(readings).map(({ title, resolvedAt }) => [title, resolvedAt])
    expect(alerts).toEqual([
      ['PINNED CACHE', undefined],
      ['MEMORY LOW', undefined],
    ])
    expect(alertsOf(readings)[0]?.summary).toMatch(/tmpfs files, \+48\.0 GiB\/h; no memory left in ~1 min 21 s$/)
  })

  test('is compared with RAM without huge pages', () => {
    expect(alertsOf([createMeminfo(0, { MemAvailable: 3 * GiB })])).toHaveLength(1)
    expect(alertsOf([createMeminfo(0, { MemAvailable: 3 * GiB, Hugetlb: 48 * GiB })])).toEqual([])
  })

  test('of 40 GiB is enough on a node of any size', () => {
    expect(
      alertsOf([createMeminfo(0, { MemTotal: 2048 * GiB, AnonPages: 2000 * GiB, MemAvailable: 40 * GiB })]),
    ).toEqual([])
  })

  test('is reported from a meminfo of three lines', () => {
    const text = 'MemTotal: 1000000 kB\nMemFree: 9000 kB\nMemAvailable: 12000 kB\n'
    const [alert] = alertsOf([createReading(0, 'meminfo', { '/proc/meminfo': text })])
    expect(alert?.summary).toBe('11.7 MiB of memory available (1.2 % of RAM)')
  })

  test('taken by slab within a day raises the slab alert only, though processes come and go', () => {
    const readings = repeatReadings(20 * HOUR, MINUTE, time => {
      const taken = (1.9 * GiB * time) / HOUR
      const jobs = 1.5 * GiB * saw(time, 17 * MINUTE)
      return createMeminfo(time, {
        SUnreclaim: GiB + taken,
        AnonPages: 18 * GiB + jobs,
        MemAvailable: Math.max(GiB / 2, 40 * GiB - taken - jobs),
      })
    })
    expect(alertsOf(readings).map(({ detector }) => detector)).toEqual(['slab-growth'])
  })

  test('taken by page tables raises the page table alert only', () => {
    const readings = repeatReadings(3 * HOUR, 15 * SECOND, time => {
      const taken = Math.max(0, time - HOUR) * 5500
      return createMeminfo(time, { PageTables: 100 * MiB + taken, MemAvailable: 40 * GiB - taken })
    })
    const open = alertsOf(readings).filter(({ resolvedAt }) => resolvedAt === undefined)
    expect(open.map(({ detector, severity }) => [detector, severity])).toEqual([['kernel-memory', 'critical']])
  })
})

describe('a cgroup near its limit', () => {
  const heap = (time: number): number => 0.65 * GiB + 0.28 * GiB * saw(time, 10 * MINUTE)

  test('whose heap returns to its last peak raises at most one alert', () => {
    const readings = repeatReadings(3 * HOUR, 5 * SECOND, time => createV2Reading(time, heap(time)))
    const seen = alertsOf(readings).filter(({ detector }) => detector === 'cgroup-limit')
    expect(seen.length).toBeLessThanOrEqual(1)
  })

  test('that exceeds its last peak raises an alert', () => {
    const readings = repeatReadings(3 * HOUR, 5 * SECOND, time =>
      createV2Reading(time, time < 2 * HOUR ? heap(time) : 0.93 * GiB + (time - 2 * HOUR) * 15),
    )
    const open = alertsOf(readings).filter(({ raisedAt }) => raisedAt > 2 * HOUR)
    expect(open.map(({ detector }) => detector)).toEqual(['cgroup-limit'])
  })
})

test('free memory is fragmented only if it stays so, not for a moment', () => {
  const readings = repeatReadings(HOUR, 5 * SECOND, time => [
    createMeminfo(time),
    createBuddyinfo(time, time % (10 * MINUTE) < 20 * SECOND ? 10 : 3000),
  ])
  expect(alertsOf(readings)).toEqual([])
})

const KEEPS_IDS = '4.4.0-116-generic' // removed cgroups keep their ID

describe('memory cgroup IDs used up by 30 per second after a quiet day', () => {
  const used = (time: number): number => 300 + Math.max(0, time - 24 * HOUR) * 0.03
  const readings = [
    ...repeatReadings(24 * HOUR, MINUTE, time => createV1Reading(time, used(time))),
    ...repeatReadings(10 * MINUTE, 10 * SECOND, time =>
      createV1Reading(24 * HOUR + time, Math.round(used(24 * HOUR + time))),
    ),
  ]

  test('raise an alert half an hour before the last is used', () => {
    const [ids] = alertsOf(readings, KEEPS_IDS).filter(({ detector }) => detector === 'memcg-ids')
    expect(ids?.severity).toBe('critical')
    expect(ids!.raisedAt - 24 * HOUR).toBeLessThan(6 * MINUTE)
  })
})

test('the alert says that no memcg ID is left, not that none is left in 0 s', () => {
  const [alert] = alertsOf([createV1Reading(0, 65_535)], KEEPS_IDS)
  expect(alert?.summary).toContain('none left: no pod can start')
})

/** The same reading as a container sees it, where only its part of the tree is mounted. */
function partOf({ files, ...reading }: Reading): Reading {
  const [mountinfo] = Object.keys(files).filter(path => path.endsWith('/mountinfo'))
  return { ...reading, files: { ...files, [mountinfo!]: files[mountinfo!]!.replace(' / ', ' /docker/x ') } }
}

test('in a container the alert does not claim that no ID is left, because the count may include dying cgroups without ID', () => {
  const [alert] = alertsOf([partOf(createV1Reading(0, 70_000))], '5.15.0')
  expect(alert).toMatchObject({ detector: 'memcg-ids', severity: 'warning' })
  expect(alert?.summary).toMatch(/^up to 65,535 of 65,535 .* when none is left/)
})

test('in a container the kmem leak alert does not claim that no ID is left', () => {
  const [row, head] = ['kmem_cache 30000 30000 256 16 1', '# name\n']
  const caches = `slabinfo - version: 2.1\n${head}${row} : tunables 0 0 0 : slabdata 1875 1875 0\n`
  const slab = { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': caches } } as const
  const readings = [KMEM, createMeminfo(0, { SUnreclaim: 4 * GiB }), slab, partOf(createV1Reading(0, 70_000))]
  const [alert] = alertsOf(readings, '3.10.0-1160.el7.x86_64').filter(({ detector }) => detector === 'kmem-leak')
  expect(alert?.summary).toContain('in the end no pod can start')
})

describe('dying cgroups and much slab', () => {
  const readings = [KMEM, createMeminfo(0, { SUnreclaim: 4 * GiB }), createV1Reading(2, 2000)]

  test('are the leak of 3.10 where kmem accounting is active', () => {
    const [alert] = alertsOf(readings, '3.10.0-957.el7.x86_64').filter(({ detector }) => detector === 'kmem-leak')
    expect(alert?.severity).toBe('critical')
  })

  test('hold memory where the kernel counts dying cgroups, not under the parent that uses most', () => {
    const at = (path: string, current: number, dying: number) => ({
      [`${V2}${path}/memory.current`]: `${current * MiB}\n`,
      [`${V2}${path}/cgroup.stat`]: `nr_descendants 2\nnr_dying_descendants ${dying}\n`,
    })
    const files = {
      ...at('/a', 90, 0),
      ...at('/a/x', 1, 0),
      ...at('/b', 30, 400),
      ...at('/b/x', 10, 0),
      ...at('', 0, 400),
    }
    const [alert] = alertsOf([createV2Reading(0, 0), createReading(1, 'cgroups', files)], '6.1.0')
    expect(alert?.summary).toContain('they hold 20.0 MiB under /b')
  })

  test('are only dying cgroups on 4.19, which frees their caches with them', () => {
    expect(alertsOf(readings, '4.19.0-25-amd64').map(({ detector }) => detector)).toEqual(['dying-cgroups'])
  })
})

test('the remedies for the leak fit the kernel release', () => {
  const of = (release: string): string =>
    listLeakRemedies(release, null)
      .map(({ text, command }) => `${text} ${command ?? ''}`)
      .join('\n')
  expect(of('4.19.0-25-amd64')).not.toMatch(/el7|4\.19 or later|grubby/)
  expect(of('4.18.0-193.el8.x86_64')).toContain('grubby')
  expect(of('4.4.0-210-generic')).not.toContain('nokmem')
  expect(of('3.10.0-957.el7.x86_64')).toContain('does not support cgroup.memory=nokmem')
})

describe('unreclaimable slab', () => {
  test('is not reported to have grown by more than it did', () => {
    const readings = repeatReadings(14 * MINUTE, 2 * SECOND, time =>
      createMeminfo(time, { SUnreclaim: GiB + Math.max(0, time - 5 * MINUTE) * 30 * 1024 }),
    )
    const [alert] = alertsOf(readings)
    expect(alert?.detector).toBe('slab-growth')
    expect(getEvidence(alert!.evidence, 'growth')).toBeLessThanOrEqual(9 * 60_000 * 30 * 1024)
  })

  test('that was freed is resolved within two minutes', () => {
    const FREED_AT = 466 * MINUTE // windows are analysed every eight minutes
    const readings = repeatReadings(9 * HOUR, MINUTE, time =>
      createMeminfo(time, { SUnreclaim: time < FREED_AT ? GiB + (300 * MiB * time) / HOUR : GiB }),
    )
    const [alert] = alertsOf(readings)
    expect(alert!.resolvedAt! - FREED_AT).toBeLessThanOrEqual(2 * MINUTE)
  })

  test('around its threshold is one alert', () => {
    const readings = repeatReadings(2 * HOUR, 10 * SECOND, time =>
      createMeminfo(time, { SUnreclaim: 6.4 * GiB + 0.1 * GiB * wobble(time) }),
    )
    expect(alertsOf(readings)).toHaveLength(1)
  })

  test('of a node that just booted is warm-up, unless memory runs out soon', () => {
    const boot = createReading(0, 'uptime', { '/proc/uptime': '30.00 1.00\n' })
    const rising = (perMinute: number) =>
      alertsOf([
        boot,
        ...repeatReadings(8 * MINUTE, 2 * SECOND, time =>
          createMeminfo(time, { SUnreclaim: GiB + (perMinute * time) / MINUTE }),
        ),
      ])
    expect(rising(100 * MiB)).toEqual([])
    expect(rising(800 * MiB).map(({ detector }) => detector)).toEqual(['slab-growth'])
  })
})

test('a cgroup with any name is one shell word in suggested commands', () => {
  const name = "it's; reboot"
  const [alert] = alertsOf([
    createV1Reading(0, 3, {
      [`${V1}/${name}/`]: '9\n',
      [`${V1}/${name}/memory.oom_control`]: 'oom_kill_disable 1\nunder_oom 1\n',
    }),
  ])
  expect(alert?.confirm?.command).toBe(`cat '${V1}/it'\\''s; reboot/memory.oom_control'`)
})
