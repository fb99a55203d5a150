// Which usages are read: those below what moved at once, the others in turn.
import { expect, test } from 'vitest'
import { DirectoryTree } from '../../../src/collectors/cgroups/directory-tree.ts'
import { UseSchedule } from '../../../src/collectors/cgroups/use-schedule.ts'

const PODS = 20
const CONTAINERS = 10

function createTree(): { tree: DirectoryTree; uses: Map<string, number> } {
  const tree = new DirectoryTree('/m')
  const uses = new Map<string, number>()
  const add = (path: string): void => {
    tree.add(path, 1)
    uses.set(path, 2 ** 30)
  }
  add('/m')
  for (let pod = 0; pod < PODS; pod++) {
    add(`/m/p${pod}`)
    for (let i = 0; i < CONTAINERS; i++) add(`/m/p${pod}/c${i}`)
  }
  return { tree, uses }
}

/** Reads like a sample each second, and returns what was read in each. */
function createSampler({ tree, uses }: ReturnType<typeof createTree>, isHierarchical: boolean) {
  const schedule = new UseSchedule('/m', isHierarchical)
  const paths = [...tree.known.keys()]
  return (time: number): readonly string[] => {
    const read: string[] = []
    schedule.readMoved(tree, time, 1, path => {
      read.push(path)
      return uses.get(path)
    })
    return [...read, ...schedule.selectDue(paths, 1000, 1)]
  }
}

const countReads = (sample: (time: number) => readonly string[], from: number, seconds: number): number =>
  Array.from({ length: seconds }, (_, i) => sample((from + i) * 1000)).flat().length

test('a quiet tree is read every 15 s, with its uppermost cgroups every 5 s', () => {
  const sample = createSampler(createTree(), true)
  countReads(sample, 0, 30)
  const total = 1 + PODS + PODS * CONTAINERS
  expect(countReads(sample, 30, 60)).toBeLessThanOrEqual(4 * total + 12 * PODS + 4)
})

test('a tree that is not known to add up is read every 5 s', () => {
  const sample = createSampler(createTree(), false)
  countReads(sample, 0, 30)
  expect(countReads(sample, 30, 60)).toBeGreaterThanOrEqual(12 * (PODS * CONTAINERS))
})

test('a container that moves is read within 5 s with the others of its pod, and again when it moves on', () => {
  const node = createTree()
  const sample = createSampler(node, true)
  countReads(sample, 0, 30)
  for (const from of [30, 37, 44]) {
    for (const path of ['/m', '/m/p7', '/m/p7/c3']) node.uses.set(path, node.uses.get(path)! + 300_000)
    const seconds = Array.from({ length: 5 }, (_, i) => sample((from + i) * 1000))
    expect(seconds.flat()).toEqual(expect.arrayContaining(Array.from({ length: CONTAINERS }, (_, i) => `/m/p7/c${i}`)))
    for (let i = 5; i < 7; i++) sample((from + i) * 1000)
  }
})

test('small moves add up until they are read', () => {
  const node = createTree()
  const sample = createSampler(node, true)
  countReads(sample, 0, 30)
  let reads = 0
  for (let second = 30; second < 60; second++) {
    node.uses.set('/m/p7', node.uses.get('/m/p7')! + 20_000)
    reads += sample(second * 1000).filter(path => path === '/m/p7/c3').length
  }
  expect(reads).toBeGreaterThanOrEqual(3) // twice by turn
})

test('of many moved cgroups a sample reads at most 250, and the next goes on', () => {
  const tree = new DirectoryTree('/m')
  tree.add('/m', 1)
  for (let i = 0; i < 600; i++) tree.add(`/m/c${i}`, 1)
  const schedule = new UseSchedule('/m', true)
  const seconds = [0, 1000, 2000, 3000].map(time => {
    const read: string[] = []
    schedule.readMoved(tree, time, 1, path => {
      read.push(path)
      return 0
    })
    return read
  })
  expect(seconds.map(({ length }) => length)).toEqual([250, 250, 100, 0])
  expect(new Set(seconds.flat()).size).toBe(600)
})
