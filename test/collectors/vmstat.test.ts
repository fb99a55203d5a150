// /proc/vmstat: each counter has one name, whatever the kernel calls it.
import { expect, test } from 'vitest'
import { sampleSeries } from '../../src/base/series.ts'
import { parseVmstat, vmstat } from '../../src/collectors/vmstat.ts'
import { readFixture, session } from '../fixtures.ts'

const PATH = '/proc/vmstat'

test.each([
  ['6.18', 42],
  ['6.12', 0],
  ['6.1', 0],
])('%s counts %i OOM kills and has all that is shown', (kernel, kills) => {
  const counters = parseVmstat(readFixture(kernel, PATH))
  expect(counters.oom_kill).toBe(kills)
  for (const name of ['pgscan_direct', 'pgscan_kswapd', 'allocstall', 'drop_slab', 'pswpin'] as const)
    expect(counters[name], name).toBeGreaterThanOrEqual(0)
})

test('counters by zone of kernels before 4.8 are summed, without similar names', () => {
  const text = [
    'pgscan_direct_dma 1',
    'pgscan_direct_dma32 10',
    'pgscan_direct_normal 100',
    'pgscan_direct_movable 1000',
    'pgscan_direct_throttle 77777',
    'pgscan_kswapd_normal 5',
    'allocstall 9',
    '',
  ].join('\n')
  expect(parseVmstat(text)).toEqual({ pgscan_direct: 1111, pgscan_kswapd: 5, allocstall: 9 })
})

test('stalls by zone of newer kernels are summed', () => {
  const text =
    'allocstall_dma 0\nallocstall_dma32 2\nallocstall_normal 30\nallocstall_movable 400\nallocstall_device 1\n'
  expect(parseVmstat(text).allocstall).toBe(433)
})

test('a counter that the kernel lacks is absent, not 0', () => {
  const { counters, series } = vmstat.applyFiles(vmstat.empty, { [PATH]: 'pswpin 3\n' }, 0, session)
  expect(counters).toEqual({ pswpin: 3 })
  expect(Object.keys(series)).toEqual(['pswpin'])
})

test('the history of a counter is kept', () => {
  let memory = vmstat.empty
  for (const kills of [42, 42, 45])
    memory = vmstat.applyFiles(memory, { [PATH]: `oom_kill ${kills}\n` }, kills * 1000, session)
  expect(sampleSeries(memory.series.oom_kill!, 42_000, 45_000, 2)).toEqual([42, 45])
})

test('a text without a single counter is an error', () => {
  expect(() => parseVmstat('Permission denied\n')).toThrow('/proc/vmstat, line 1')
})
