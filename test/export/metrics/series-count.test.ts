// How many series a node has by default: recorded nodes of both cgroup versions stay near 60, however many sources and detectors there are.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isOngoing } from '../../../src/detectors/alerts.ts'
import { detectorIds } from '../../../src/detectors/index.ts'
import type { MonitorState } from '../../../src/detectors/monitor-state.ts'
import type { MetricsInput } from '../../../src/export/metrics/collect.ts'
import { encodeMetrics } from '../../../src/export/metrics/encode.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'

const SCENARIOS = [
  'v1-incident-310',
  'v1-memcg-oom-nested',
  'v1-quiet',
  'v2-dying-memcgs',
  'v2-pod-limit-oom',
  'v2-quiet',
]
/** `record` adds one that says whether it records. */
const MAX_SERIES = 64
/** Four of the memory of its cgroup, the severity of its detector, and the time left. */
const MAX_PER_ALERT = 6

const countSeries = ({ history, alerts }: MonitorState, range: Partial<MetricsInput> = {}): number => {
  const own = { cpuSeconds: 1, rss: 1e8 }
  const text = encodeMetrics({ history, alerts, kills: [], own, version: '1.0', ...range }, 'text')
  return text.split('\n').filter(line => line !== '' && !line.startsWith('#')).length
}

describe.each(SCENARIOS)('%s', scenario => {
  const state = openScenario(scenario, 3600)

  test('has about 60 series, and a few for each alert', () => {
    const ongoing = state.alerts.filter(isOngoing).length
    const known = new Set(state.alerts.map(({ detector }) => detector)).size
    expect(countSeries(state)).toBeGreaterThan(40)
    expect(countSeries(state)).toBeLessThanOrEqual(MAX_SERIES + known + MAX_PER_ALERT * ongoing)
  })

  test('has every detector with --metrics all', () => {
    const missing = detectorIds.length - new Set(state.alerts.map(({ detector }) => detector)).size
    expect(countSeries(state, { isComplete: true })).toBeGreaterThanOrEqual(countSeries(state) + missing)
  })
})

describe('sources', () => {
  const state = openScenario('v2-quiet', 3600)
  const { history } = state
  const list = (sources: MonitorState['history']['sources']): string => {
    const input = { history: { ...history, sources }, alerts: [], kills: [], own: null, version: '1.0' }
    return encodeMetrics(input, 'text')
  }

  test('that the rule KmemtopBlind watches have a series always', () => {
    const rules = readFileSync(new URL('../../../deploy/prometheus/kmemtop.rules.yml', import.meta.url), 'utf8')
    const watched = /kmemtop_source_up\{source=~"([^"]+)"\}/.exec(rules)![1]!.split('|')
    const found = [...list(history.sources).matchAll(/^kmemtop_source_up\{source="(\w+)"\} 1$/gm)]
    expect(found.map(([, source]) => source).sort()).toEqual(watched.sort())
  })

  test('that fail, or cost over 50 ms, have one while they do', () => {
    const buddyinfo = { ...history.sources.buddyinfo!, error: 'EIO', cost: 51 }
    const text = list({ ...history.sources, buddyinfo })
    expect(text).toContain('kmemtop_source_up{source="buddyinfo"} 0\n')
    expect(text).toContain('kmemtop_source_cost_seconds{source="buddyinfo"} 0.051\n')
    expect(list(history.sources)).not.toContain('buddyinfo')
  })
})
