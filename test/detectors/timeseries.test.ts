// Ninety seconds each of a real busy node, one sample per second: what happened, and which alerts are raised.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sampleSeries } from '../../src/base/series.ts'
import { computeTrend } from '../../src/base/trend.ts'
import { detectAll } from '../../src/detectors/detect-all.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import type { History, Reading } from '../../src/history.ts'
import { buildHistory } from '../fixtures.ts'

type Row = Readonly<Record<string, number>>

function rowsOf(name: string): readonly Row[] {
  const text = readFileSync(new URL(`../fixtures/timeseries/${name}.tsv`, import.meta.url), 'utf8')
  const [head = [], ...rows] = text
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))
  return rows.map(row => Object.fromEntries(head.map((column, i) => [column, Number(row[i])])))
}

const MEMINFO = ['MemTotal', 'MemFree', 'MemAvailable', 'Cached', 'Slab', 'SReclaimable', 'SUnreclaim', 'Percpu']

function readingsOf(row: Row, time: number): readonly Reading[] {
  const meminfo = MEMINFO.map(name => `${name}: ${row[name]} kB\n`).join('')
  const caches = Object.entries(row)
    .filter(([name]) => name.startsWith('slab:'))
    .map(([name, kib]) => `${name.slice(5)} 1 1 64 64 1 : tunables 0 0 0 : slabdata 0 ${Math.ceil(kib / 4)} 0\n`)
  const slabinfo = `slabinfo - version: 2.1\n# name\n${caches.join('')}`
  return [
    { time, collector: 'meminfo', files: { '/proc/meminfo': meminfo } },
    { time, collector: 'slabinfo', files: { '/proc/slabinfo': slabinfo } },
  ]
}

const readings = (name: string): readonly Reading[] => {
  const rows = rowsOf(name)
  return rows.flatMap(row => readingsOf(row, row.mono_ms! - rows[0]!.mono_ms!))
}

/** Every summary of the run. */
function saidIn(name: string): readonly string[] {
  const all = readings(name)
  return all.flatMap((_, i) =>
    i % 2 === 1 ? detectAll(buildHistory(all.slice(0, i + 1)), defaultThresholds).map(({ summary }) => summary) : [],
  )
}

describe('on 24 GB', () => {
  test.each(['idle', 'cache', 'plateau', 'sawtooth', 'zombies'])('no alert is raised by: %s', name => {
    expect(saidIn(name)).toEqual([])
  })
})

const z = (history: History): number => {
  const values = sampleSeries(history.meminfo.series.SUnreclaim!, 1000, history.time, 60).map(value => value!)
  return computeTrend(values)!.z
}

test('only the leak is a trend', () => {
  const trend = (name: string): number => z(buildHistory(readings(name)))
  expect(trend('leak')).toBeGreaterThan(5)
  for (const name of ['idle', 'cache', 'sawtooth']) expect(trend(name), name).toBeLessThan(3)
})
