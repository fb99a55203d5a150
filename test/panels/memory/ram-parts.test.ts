// All RAM is split in one way: the chart, the bar and the rows show the same numbers at the same moment, and they sum to MemTotal.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AppState, createInitialState } from '../../../src/app/state.ts'
import { formatShortBytes } from '../../../src/base/format.ts'
import { getLatest, getValueAt } from '../../../src/base/series.ts'
import { appendReading, createHistory, type History, type Reading } from '../../../src/history.ts'
import { memoryPanel } from '../../../src/panels/memory/panel.ts'
import type { PanelArea } from '../../../src/panels/panel.ts'
import { openBuffer } from '../../../src/recording/open-recording.ts'
import { createPen } from '../../../src/widgets/pen.ts'
import { createMeminfo, createReading, GiB, MiB } from '../../detectors/readings.ts'
import { buildHistory } from '../../fixtures.ts'
import { pickScenarios } from '../../full.ts'
import { RAM_CAPTURES, readCapture } from '../../ram-captures.ts'

const SCENARIOS = new URL('../../../snapshots/', import.meta.url).pathname
const BASE = { pen: createPen({ level: 0, ascii: false }), width: 118, span: 900_000, focused: false }
const CHART: PanelArea = { ...BASE, height: 40, full: true }
const BAR: PanelArea = { ...BASE, width: 78, height: 12, full: false }
const PARTS = ['anon', 'cache', 'slab', 'kernel', 'unaccounted', 'free'] as const

// `█anon 29.5M ▓cache 7.73M`, `█ anon 29.5 MiB  ▒ slab 9.45 MiB`: the short form of each number by name
function readLegend(lines: readonly string[]): Readonly<Record<string, string>> {
  const entries = lines.slice(0, 2).flatMap(line => [...line.matchAll(/([a-z]+\.?|\?) ([−\d.]+) ?([KMGT]?)/g)])
  return Object.fromEntries(
    entries.map(([, name = '', digits, unit]) => [
      /^(\?|unacc\.)$/.test(name) ? 'unaccounted' : name,
      `${digits}${unit}`,
    ]),
  )
}

function readRow(lines: readonly string[], name: string): string | undefined {
  const [, digits, unit] = lines.flatMap(line => new RegExp(`${name} +([−\\d.]+) ([KMGT]?)[iB]`).exec(line) ?? [])
  return digits && `${digits}${unit}`
}

function expectSameNumbers(state: AppState): void {
  const { account, parts } = state.history.meminfo
  if (!account) return
  const sums = Object.fromEntries(
    PARTS.map(part => [
      part,
      part === 'unaccounted'
        ? account.unaccounted
        : account.terms.filter(({ group }) => group === part).reduce((sum, { bytes }) => sum + bytes, 0),
    ]),
  )
  expect(Object.fromEntries(PARTS.map(part => [part, getLatest(parts[part])]))).toEqual(sums)
  const short = Object.fromEntries(PARTS.map(part => [part, formatShortBytes(sums[part])]))
  expect(readLegend(memoryPanel.draw(state, CHART))).toEqual(short)
  expect(readLegend(memoryPanel.draw(state, BAR).slice(1, 2))).toEqual(short)
  expect(readRow(memoryPanel.draw(state, CHART), 'unaccounted')).toBe(short.unaccounted)
}

// Every moment that the chart may draw, long after: old points are thinned.
function expectSums({ meminfo: { parts } }: History, readTotal: (time: number) => number): void {
  const series = PARTS.map(part => parts[part]).filter(one => one !== undefined)
  for (const time of series[0]?.times ?? []) {
    const sum = series.reduce((total, one) => total + getValueAt(one, time)!, 0)
    if (series.length === PARTS.length) expect(sum, `at ${time}`).toBe(readTotal(time))
  }
}

const open = (history: History): AppState => createInitialState(history)

test.each(RAM_CAPTURES)('the parts sum to MemTotal on $kernel, $name', capture => {
  const history = readCapture(capture)
  expect(Object.keys(history.meminfo.parts)).toHaveLength(PARTS.length)
  expectSameNumbers(open(history))
  expectSums(history, () => history.meminfo.values.get('MemTotal')!)
})

test.each(pickScenarios(readdirSync(SCENARIOS).filter(name => !name.includes('.'))))(
  'the parts sum to MemTotal at each sample of %s',
  scenario => {
    const { recording } = openBuffer(scenario, readFileSync(`${SCENARIOS}${scenario}/session.kmem`))
    let history = createHistory(recording.session)
    for (const i of recording.parts.keys()) {
      history = recording.readPart(i).readings.reduce(appendReading, history)
      expectSameNumbers(open(history))
    }
    const total = history.meminfo.series.MemTotal!
    expectSums(history, time => getValueAt(total, time)!)
  },
)

test('parts sum to MemTotal after a day whose points were thinned, while a balloon takes memory', () => {
  const readings = Array.from({ length: 3000 }, (_, i): readonly Reading[] => [
    createReading(i * 20_000, 'zoneinfo', { '/proc/zoneinfo': `Node 0, zone Normal\n count: ${i % 7}\n` }),
    createMeminfo(i * 20_000, { MemTotal: 64 * GiB - Math.floor(i / 800) * GiB, AnonPages: GiB + (i % 13) * MiB }),
  ]).flat()
  const history = buildHistory(readings)
  const totals = history.meminfo.series.MemTotal!
  expect(history.meminfo.parts.free!.length).toBeLessThanOrEqual(1200)
  expectSums(history, time => getValueAt(totals, time)!)
})

describe('without an account', () => {
  const LXCFS = { '/proc/1/mountinfo': '5 4 0:30 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw\n' }
  const container = buildHistory([{ ...createMeminfo(0), files: { ...createMeminfo(0).files, ...LXCFS } }])

  test('the view of a container shows what it knows, and nothing of the rest', () => {
    const { origin, parts } = container.meminfo
    expect(origin).toBe('lxcfs')
    expect(parts).not.toHaveProperty('kernel')
    expect(parts).not.toHaveProperty('unaccounted')
    const legend = readLegend(memoryPanel.draw(open(container), BAR).slice(1, 2))
    expect(legend).toEqual(readLegend(memoryPanel.draw(open(container), CHART)))
    expect(Object.keys(legend).length).toBe(Object.keys(parts).length)
  })

  test('what is unknown is blank in the bar', () => {
    const [bar = ''] = memoryPanel.draw(open(container), BAR)
    expect(bar.trimEnd().length).toBeLessThan(BAR.width - 2)
  })
})
