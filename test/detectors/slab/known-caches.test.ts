// Slab whose owner is known is named after it: ZFS’s cache is no leak, and the advice follows the cache that grows.
import { expect, test } from 'vitest'
import type { Alert } from '../../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../../src/detectors/monitor-state.ts'
import type { Reading } from '../../../src/history.ts'
import { session } from '../../fixtures.ts'
import { createMeminfo, createReading, GiB } from '../readings.ts'

const slabinfo = (caches: Readonly<Record<string, number>>): Reading =>
  createReading(0, 'slabinfo', {
    '/proc/slabinfo': `slabinfo - version: 2.1\n# name\n${Object.entries(caches)
      .map(([name, bytes]) => {
        const slabs = Math.round(bytes / 4096)
        return `${name} ${slabs * 4} ${slabs * 4} 1024 4 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`
      })
      .join('')}`,
  })
const arc = createReading(0, 'zfs', {
  '/proc/spl/kstat/zfs/arcstats': `13 1 0x01 96 26112 1 2\nname type data\nsize 4 ${10 * GiB}\nc_max 4 ${32 * GiB}\n`,
})

function raise(caches: Readonly<Record<string, number>>, ...more: readonly Reading[]): Alert {
  const readings = [...more, slabinfo(caches), createMeminfo(0, { SUnreclaim: 24 * GiB, MemFree: 8 * GiB })]
  const { alerts } = readings.reduce(
    (state, reading) => applyReading(state, reading, defaultThresholds),
    createMonitorState(session),
  )
  return alerts.find(({ detector }) => detector === 'slab-growth')!
}

test('metadata of ZFS is a warning, named as its cache, with the advice for it', () => {
  const caches = { dnode_t: 9 * GiB, dmu_buf_impl_t: 4 * GiB, zio_buf_comb_16384: 5 * GiB, 'kmalloc-64': GiB }
  const { severity, summary, cost, remedy, confirm } = raise(caches, arc)
  expect(severity).toBe('warning')
  expect(summary).toMatch(/; mostly ZFS metadata \(ARC 10\.0 GiB of at most 32\.0 GiB\)$/)
  expect(cost).toMatch(/^ZFS gives it back/)
  expect(confirm!.command).toContain('/proc/spl/kstat/zfs/arcstats')
  expect(remedy.map(({ text }) => text).join()).not.toMatch(/open files|reboot/)
  expect(raise(caches).summary).toMatch(/; mostly ZFS metadata \(ARC\)$/)
})

test('a little of ZFS beside a leak is the leak’s alert', () => {
  const { severity, summary, remedy } = raise({ dnode_t: GiB, 'kmalloc-64': 18 * GiB })
  expect(severity).toBe('critical')
  expect(summary).not.toContain('ZFS')
  expect(remedy[0]!.text).toContain('open files')
})

test('inodes of tmpfs are not open files, and stay critical', () => {
  const { severity, remedy } = raise({ shmem_inode_cache: 19 * GiB })
  expect(severity).toBe('critical')
  expect(remedy[0]).toMatchObject({ command: 'df -i -t tmpfs' })
  expect(remedy.map(({ text }) => text).join()).not.toContain('open files')
})

test('memory that is low while the ARC of ZFS can shrink is a warning that says so', () => {
  const low = createMeminfo(0, { MemFree: GiB / 4, MemAvailable: GiB / 4, AnonPages: 49 * GiB })
  const find = (...readings: readonly Reading[]): Alert =>
    readings
      .reduce((state, reading) => applyReading(state, reading, defaultThresholds), createMonitorState(session))
      .alerts.find(({ detector }) => detector === 'mem-available')!
  expect(find(low).severity).toBe('critical')
  const { severity, summary } = find(arc, low)
  expect(severity).toBe('warning')
  expect(summary).toMatch(/; the ZFS ARC can give back 10\.0 GiB$/)
})

test('of a cache that is in no list the first step is who allocates it', () => {
  const { severity, remedy } = raise({ acme_conn_ctx: 18 * GiB, 'kmalloc-64': GiB })
  expect(severity).toBe('critical')
  expect(remedy[0]!.text).toContain('code that allocates acme_conn_ctx')
  expect(remedy[0]!.command).toContain('--filter bytes_alloc==1024 ')
  expect(remedy.map(({ text }) => text).join()).not.toContain('open files')
  const mixed = raise({ acme_conn_ctx: 8 * GiB, 'kmalloc-64': 10 * GiB })
  expect(mixed.remedy[0]!.text).toContain('open files')
})
