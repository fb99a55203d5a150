// What grew: from histories of two moments.
import { expect, test } from 'vitest'
import { computeDiff, type DiffWindow } from '../../src/export/diff.ts'
import { describeDifferences, formatDiff } from '../../src/export/diff-text.ts'
import type { Reading } from '../../src/history.ts'
import { createV2Tree, createVmstatReading } from '../detectors/kills.ts'
import { formatMeminfo, formatSlabinfo, GiB, MiB, type NodeModel } from '../detectors/node.ts'
import { buildHistory } from '../fixtures.ts'

const node = (filp: number): NodeModel => ({
  total: 24 * GiB,
  caches: () => ({ filp: { bytes: filp * MiB, objSize: 192 }, dentry: { bytes: 300 * MiB, objSize: 192 } }),
})

function windowOf(
  filp: number,
  cgroups: Readonly<Record<string, number>>,
  kills: number,
  kernel = '6.12.1',
): DiffWindow {
  const time = 60_000
  const tree = createV2Tree(0, ...Object.keys(cgroups))
  const uses = Object.entries(cgroups).map(([path, use]) => [`/sys/fs/cgroup${path}/memory.current`, `${use}\n`])
  const readings: readonly Reading[] = [
    { time, collector: 'meminfo', files: { '/proc/meminfo': formatMeminfo(node(filp), time) } },
    { time, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(node(filp), time) } },
    { ...tree, time, files: { ...tree.files, ...Object.fromEntries(uses) } },
    createVmstatReading(time, kills),
  ]
  return {
    name: 'x.kmem',
    begin: 50_000,
    history: buildHistory(readings, { kernel }),
    countersAtBegin: { oom_kill: 40 },
  }
}

const before = windowOf(40, { '/a': 10 * MiB, '/gone': 5 * MiB, '/same': 1 }, 40)
const after = windowOf(90, { '/a': 30 * MiB, '/new': 8 * MiB, '/same': 1 }, 60)

test('growth comes first, largest on top, and unchanged values are not listed', () => {
  const { caches, cgroups, rates } = computeDiff(before, after, false)
  expect(caches.map(({ name }) => name)).toEqual(['filp'])
  expect(caches[0]!.change / MiB).toBeCloseTo(50, 1)
  expect(caches[0]!.objects.change).toBeGreaterThan(200_000)
  expect(cgroups.map(({ name, status, what, change }) => [name, status, what, change / MiB])).toEqual([
    ['/a', 'kept', 'stayed', 20],
    ['/new', 'created', 'came', 8],
    ['/gone', 'deleted', 'went', -5],
  ])
  expect(rates).toEqual([{ name: 'oom_kill', before: 0, after: 2, change: 2 }])
})

test('differences between the sessions are noted, and names are safe for a terminal', () => {
  const other = windowOf(40, { '/a\x1b[2J': MiB }, 40, '5.4.0')
  expect(describeDifferences(before, other)).toEqual(['different kernel: 6.12.1 before, 5.4.0 after'])
  const text = formatDiff(before, other, computeDiff(before, other, false))
  expect(text).toContain('different kernel: 6.12.1 before, 5.4.0 after')
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})

test('a window compared with itself has no changes', () => {
  const { memory, caches, cgroups, counts } = computeDiff(before, before, true)
  expect([memory, caches, cgroups, counts]).toEqual([[], [], [], []])
})
