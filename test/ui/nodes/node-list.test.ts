// The list of nodes: worst first, each line of exact width, whatever a node calls itself.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { appendReading, createHistory } from '../../../src/history.ts'
import { describeUnreached, drawNodeList, type ListedNode, rankNodes } from '../../../src/ui/nodes/node-list.ts'
import { measureWidth } from '../../../src/widgets/cells.ts'
import { createPen } from '../../../src/widgets/pen.ts'

const pen = createPen({ level: 0, ascii: true })

function makeNode(host: string, availableKb: number, severity?: 'critical' | 'warning'): ListedNode {
  const session = { host, kernel: '6.1', bootId: host, wallClock: 0, interval: 1000, pageSize: 4096 }
  const text = `MemTotal: 1000 kB\nMemAvailable: ${availableKb} kB\nSUnreclaim: 10 kB\n`
  const history = appendReading(createHistory(session), {
    time: 0,
    collector: 'meminfo',
    files: { '/proc/meminfo': text },
  })
  const alert = {
    detector: 'oom-kill',
    severity,
    title: 'OOM KILL',
    summary: 'java[1] killed',
    at: 0,
    raisedAt: 0,
    kind: 'event',
  }
  const alerts = severity ? [alert as never] : []
  return { command: `ssh ${host} sh`, state: { ...createInitialState(history), alerts } }
}

const unreachable: ListedNode = { command: 'ssh down sh', problem: 'connection refused', retryIn: 8000 }
const nodes = [
  makeNode('quiet', 100),
  makeNode('warned', 900, 'warning'),
  unreachable,
  makeNode('red', 900, 'critical'),
  makeNode('roomy', 800),
]

test('critical first, then those without data, then warnings, then the least available memory', () => {
  const names = rankNodes(nodes).map(({ state, command }) => state?.history.session.host ?? command)
  expect(names).toEqual(['red', 'ssh down sh', 'warned', 'quiet', 'roomy'])
})

test('each line has the width of the screen, and there are as many as it has', () => {
  for (const [width, height] of [
    [80, 24],
    [40, 5],
    [200, 60],
  ] as const) {
    // biome-ignore format: sizes
    const lines = drawNodeList(rankNodes(nodes), 0, pen, { width, height })
    expect(lines).toHaveLength(height)
    expect(lines.map(measureWidth)).toEqual(lines.map(() => width))
  }
})

test('it says what each node has', () => {
  const text = drawNodeList(rankNodes(nodes), 2, pen, { width: 100, height: 10 }).join('\n')
  expect(text).toMatch(/5 nodes, 1 critical, 1 without data/)
  expect(text).toMatch(/red +900 KiB +10.0 KiB +OOM KILL {2}java\[1\] killed/)
  expect(text).toMatch(/ssh down sh +connection refused; next attempt in 8 s/)
  expect(text).toMatch(/^>.warned/m)
})

test('nodes of one name are distinguished by the words of their commands that differ', () => {
  const clones = ['7', '8'].map(id => ({ ...makeNode('clone', 900), command: `ssh -i key root@node${id} sh` }))
  const text = drawNodeList([...clones, makeNode('own', 900)], 0, pen, { width: 100, height: 10 }).join('\n')
  expect(text).toMatch(/^>.root@node7 sh \(clone\) +900 KiB/m)
  expect(text).toMatch(/^ {2}root@node8 sh \(clone\)[\s\S]*^ {2}own +900 KiB/m)
})

test('a node that cannot be opened says why, and when it is tried again', () => {
  expect(describeUnreached(unreachable)).toBe('ssh down sh cannot be opened: connection refused; next attempt in 8 s')
  expect(describeUnreached({ command: 'ssh slow sh' })).toBe('ssh slow sh has not answered yet: connecting')
  const notice = describeUnreached(unreachable)
  const lines = drawNodeList(nodes, 0, pen, { width: 100, height: 10, notice })
  expect(lines.at(-1)!.trim()).toBe(notice)
})

test('no escape of a node reaches the terminal', () => {
  const text = drawNodeList([makeNode('\x1b[31mevil\n', 1)], 0, pen, { width: 80, height: 5 }).join('')
  expect(text).not.toMatch(/[\x1b\n]/)
})
