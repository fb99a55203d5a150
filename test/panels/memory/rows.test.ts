// The Memory panel's rows: which stay where there is little room.
import { expect, test } from 'vitest'
import { defaultThresholds } from '../../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../../src/detectors/monitor-state.ts'
import { buildMemoryView } from '../../../src/panels/memory/rows.ts'
import { createMeminfo, GiB } from '../../detectors/readings.ts'
import { session } from '../../fixtures.ts'

const rowsOf = (given: Readonly<Record<string, number>>): readonly string[] => {
  const { history, alerts } = applyReading(createMonitorState(session), createMeminfo(0, given), defaultThresholds)
  return buildMemoryView(history, alerts, 5).rows.map(({ name }) => name)
}

test('drops the least important rows first, but never one with an alert', () => {
  expect(rowsOf({})).toEqual(['MemAvailable', 'AnonPages', 'Cached', 'SUnreclaim', 'unaccounted'])
  expect(rowsOf({ PageTables: 5 * GiB })).toEqual(['PageTables', 'MemAvailable', 'AnonPages', 'Cached', 'SUnreclaim'])
})
