// Simulated special nodes without a leak raise no alert: small ones, ZFS, lxcfs, zram, huge pages, many sockets.
import { expect, test } from 'vitest'
import { drawCase } from '../../bench/sim/corpus.ts'
import { createSimSession, generateReadings } from '../../bench/sim/node.ts'
import { SPECIAL_KINDS } from '../../bench/sim/special-nodes.ts'
import { HOUR } from '../../src/base/units.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'

const SEED = 4_100_003

test.each(Object.keys(SPECIAL_KINDS))('a healthy node raises no alert above info: %s', kind => {
  const { node, samples } = drawCase(kind, undefined, SEED)
  const times = samples.filter(time => time <= 6 * HOUR)
  let state = createMonitorState(createSimSession(kind))
  for (const readings of generateReadings(node, times))
    for (const reading of readings) state = applyReading(state, reading, defaultThresholds)
  expect(times.length).toBeGreaterThan(100)
  expect(state.history.meminfo.values.get('MemTotal')).toBe(node.total)
  expect(state.alerts.filter(({ severity }) => severity !== 'info').map(({ summary }) => summary)).toEqual([])
})

test('the special files of these nodes reach the history', () => {
  const read = (kind: string) => {
    const { node } = drawCase(kind, undefined, SEED)
    const readings = [...generateReadings(node, [0])].flat()
    return readings.reduce(
      (state, one) => applyReading(state, one, defaultThresholds),
      createMonitorState(createSimSession(kind)),
    ).history
  }
  expect(read('ZFS').zfs.arc?.size).toBeGreaterThan(0)
  expect(read('many sockets').sockstat.tcpLimit).toBeGreaterThan(0)
  expect(read('lxcfs').meminfo.values.has('SUnreclaim')).toBe(false)
  expect(read('huge pages').meminfo.values.get('Hugetlb')).toBeGreaterThan(0)
})
