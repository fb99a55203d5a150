// The fleet: answers joined by node, patterns across nodes, and what is drawn of hostile names.
import { describe, expect, test } from 'vitest'
import { type Answers, buildFleet, describeKilled } from '../../src/fleet/fleet.ts'
import { findPatterns, getWorkload } from '../../src/fleet/patterns.ts'
import { parseMatrix, parseVector, type Row } from '../../src/fleet/prometheus-answer.ts'
import { buildQueries } from '../../src/fleet/queries.ts'
import { FLEET_GROUPINGS } from '../../src/ui/nodes/fleet-groups.ts'
import { drawFleet, type FleetView, listShownNodes } from '../../src/ui/nodes/fleet-list.ts'
import { drawFleetNode } from '../../src/ui/nodes/fleet-node.ts'
import { createPen } from '../../src/widgets/pen.ts'

const OLD = '3.10.0-693.el7.x86_64'
const NEW = '6.12.43'
const pen = createPen({ theme: 'dark', level: 0, ascii: false })

const row = (value: number, labels: Row['labels']): Row => ({ labels, value })

/** 40 nodes: the first ten run the old kernel. */
function createAnswers(changes: Partial<Answers> = {}): Answers {
  const nodes = Array.from({ length: 40 }, (_, i) =>
    row(1, { instance: `node-${i}:9754`, kernel: i < 10 ? OLD : NEW, pool: i % 2 ? 'spot' : 'base' }),
  )
  const none: Answers = {
    nodes,
    silent: [],
    open: [],
    timeLeft: [],
    growth: [],
    growthBefore: [],
    kills: [],
    available: [],
  }
  return { ...none, ...changes }
}

const openOn = (count: number, detector: string, severity = 3): readonly Row[] =>
  Array.from({ length: count }, (_, i) => row(severity, { instance: `node-${i}:9754`, detector }))

describe('the answers of Prometheus', () => {
  test('a vector and a matrix; what is not finite is left out', () => {
    const vector = {
      resultType: 'vector',
      result: [
        { metric: { a: 'b' }, value: [1, '2.5'] },
        { metric: {}, value: [1, 'NaN'] },
      ],
    }
    expect(parseVector({ status: 'success', data: vector })).toEqual([{ labels: { a: 'b' }, value: 2.5 }])
    const matrix = { resultType: 'matrix', result: [{ metric: {}, values: [[1, '2'], [2, '+Inf'], 'x'] }] }
    expect(parseMatrix({ status: 'success', data: matrix })).toEqual([{ labels: {}, points: [[1, 2]] }])
  })

  test.each([
    [null],
    ['x'],
    [[]],
    [{ status: 'error', error: 'no' }],
    [{ data: { resultType: 'matrix', result: [] } }],
    [{ data: null }],
  ])('%j is refused in a sentence', answer => expect(() => parseVector(answer)).toThrow(/Prometheus/))
})

test('questions quote what the user wrote', () => {
  expect(buildQueries({ job: 'a"} or up{b="', groupBy: undefined, hasRules: true }).silent).toContain('\\"}')
})

describe('nodes', () => {
  const fleet = buildFleet(
    createAnswers({
      silent: [row(0, { instance: 'node-5:9754' }), row(0, { instance: 'gone:9754' })],
      open: [...openOn(2, 'slab-growth', 2), row(3, { instance: 'node-30:9754', detector: 'oom-kill' })],
      timeLeft: [row(3600, { instance: 'node-1:9754' })],
      growth: [row(4096, { instance: 'node-1:9754' })],
      kills: [row(2.04, { instance: 'node-30:9754', namespace: 'shop', pod: 'web-0' })],
    }),
  )

  test('the worst first: critical, then without data, then warnings by time left', () => {
    expect(fleet.nodes.slice(0, 5).map(({ name }) => name)).toEqual([
      'node-30:9754',
      'gone:9754',
      'node-5:9754',
      'node-1:9754',
      'node-0:9754',
    ])
    expect(fleet.nodes).toHaveLength(41)
  })

  test.each([
    ['shop', 'web-0', 'shop/web-0'],
    ['', '/system.slice/nginx.service', '/system.slice/nginx.service'],
    ['', '', 'an unknown cgroup'],
  ])('names what was killed: %j %j', (namespace, pod, text) => expect(describeKilled({ namespace, pod })).toBe(text))

  test('units: milliseconds, bytes an hour, whole kills', () => {
    const find = (name: string) => fleet.nodes.find(node => node.name === name)
    expect(find('node-1:9754')).toMatchObject({ timeLeft: 3_600_000, growth: 4096 * 3600 })
    expect(find('node-30:9754')!.kills).toEqual([{ namespace: 'shop', pod: 'web-0', count: 2 }])
  })

  test.each([
    ['oom-kill', 1],
    ['shop/web', 1],
    ['3.10 !node-5', 9],
    ['no data', 2],
    ['warning', 2],
    ['nothing of this', 0],
  ])('the filter %j finds %i', (filter, count) => {
    expect(listShownNodes({ fleet, filter, sort: 'worst', grouping: 'none' })).toHaveLength(count)
  })
})

describe('patterns', () => {
  test('the same workload killed on many nodes, whatever its pods are called', () => {
    const kills = Array.from({ length: 12 }, (_, i) =>
      row(3, { instance: `node-${i}:9754`, namespace: 'shop', pod: `web-7d9f8b6c5d-x2x${i % 9}z` }),
    )
    expect(findPatterns(buildFleet(createAnswers({ kills })))[0]).toMatchObject({
      severity: 'critical',
      text: 'shop/web was killed on 12 nodes in the last hour, 36 kills in all',
    })
  })

  test('an alert of one kernel only', () => {
    const [pattern, ...others] = findPatterns(buildFleet(createAnswers({ open: openOn(9, 'kmem-leak') })))
    expect(pattern!.text).toBe(`kmem-leak on 9 of 10 nodes with kernel ${OLD}, and on 0 of 30 others`)
    expect(pattern!.nodes).toHaveLength(9)
    expect(others).toEqual([])
  })

  test('an alert that is everywhere, or on two nodes, is of no kernel', () => {
    for (const count of [2, 40])
      expect(findPatterns(buildFleet(createAnswers({ open: openOn(count, 'slab-growth') })))).toEqual([])
  })

  test('an alert of one pool, where nodes are grouped by it', () => {
    const open = openOn(40, 'slab-growth').filter((_, i) => i % 2 === 1)
    const [pattern] = findPatterns(buildFleet(createAnswers({ open }), 'pool'), 'pool')
    expect(pattern!.text).toBe('slab-growth on 20 of 20 nodes with pool spot, and on 0 of 20 others')
  })

  test('a growth that began everywhere', () => {
    const growth = Array.from({ length: 30 }, (_, i) => row(9000, { instance: `node-${i}:9754` }))
    const [pattern] = findPatterns(buildFleet(createAnswers({ growth, growthBefore: [row(2, {})] })))
    expect(pattern!.text).toBe('SUnreclaim grows by more than 10 MiB/h on 30 of 40 nodes; 6 h ago on 2')
  })

  test.each([
    ['web-7d9f8b6c5d-x2x4z', 'web'],
    ['db-0', 'db'],
    ['node-exporter-x7k2p', 'node-exporter'],
    ['api', 'api'],
    ['coredns-5d78c9869d-abcde', 'coredns'],
  ])('the pod %s is of %s', (pod, workload) => expect(getWorkload(pod)).toBe(workload))
})

describe('drawing', () => {
  const hostile = '\x1b[31mevil\n\u202e"'
  const view: FleetView = {
    fleet: buildFleet(
      createAnswers({
        nodes: [row(1, { instance: hostile, kernel: hostile })],
        open: [row(3, { instance: hostile, detector: hostile })],
      }),
    ),
    patterns: [{ severity: 'critical', text: hostile, nodes: [] }],
    problem: undefined,
    refreshedAt: '12:00:00',
    filter: '',
    isTyping: false,
    sort: 'worst',
    grouping: 'none',
    label: undefined,
    selected: undefined,
    note: '',
  }

  test.each([
    [80, 24],
    [200, 60],
    [20, 5],
    [1, 1],
  ])('%ix%i: that many lines of that width, and nothing from a node unescaped', (width, height) => {
    const pages = [
      ...FLEET_GROUPINGS.map(grouping => drawFleet({ ...view, grouping, label: hostile }, pen, { width, height })),
      drawFleetNode({ node: view.fleet.nodes[0]!, history: undefined, problem: hostile, liveCommand: hostile }, pen, {
        width,
        height,
      }),
    ]
    for (const lines of pages) {
      expect(lines).toHaveLength(height)
      expect(lines.join('')).not.toMatch(/[\x00-\x1f\u202e]/)
      for (const line of lines) expect(line).toHaveLength(width)
    }
  })

  test('a fleet is drawn as in the snapshot', () => {
    const answers = createAnswers({
      open: openOn(9, 'kmem-leak'),
      timeLeft: openOn(9, '').map((one, i) => ({ ...one, value: 86_400 * (i + 1) })),
      growth: openOn(9, '').map(one => ({ ...one, value: 5e4 })),
      silent: [row(0, { instance: 'node-20:9754' })],
    })
    const fleet = buildFleet(answers)
    const lines = drawFleet({ ...view, fleet, patterns: findPatterns(fleet) }, pen, { width: 120, height: 18 })
    expect(`\n${lines.map(line => line.trimEnd()).join('\n')}\n`).toMatchSnapshot()
  })

  test('grouped by a label, the group of the first node comes first, and its nodes are listed below it', () => {
    const answers = createAnswers({ open: openOn(2, 'kmem-leak').slice(1) })
    const grouped = { ...view, fleet: buildFleet(answers, 'pool'), grouping: 'label', label: 'pool' } as const
    const lines = drawFleet(grouped, pen, { width: 120, height: 45 }).map(line => line.trimEnd())
    expect(lines.filter(line => /^ \w+ {2}\d+ nodes|sorted|^>/.test(line))).toEqual([
      ' sorted by worst, grouped by pool',
      ' spot  20 nodes: 1 critical, 0 warning, 0 without data',
      expect.stringMatching(/^> node-1:9754 /),
      ' base  20 nodes: 0 critical, 0 warning, 0 without data',
    ])
    expect(listShownNodes(grouped).map(({ group }) => group)).toEqual([
      ...Array(20).fill('spot'),
      ...Array(20).fill('base'),
    ])
  })
})
