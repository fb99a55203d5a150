// A map whose old versions do not change.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { SnapshotMap } from '../../src/base/snapshot-map.ts'
import { createRandom } from '../seeded-random.ts'

const of = (entries: Readonly<Record<string, number | undefined>>): ReadonlyMap<string, number | undefined> =>
  new Map(Object.entries(entries))
const text = (map: ReadonlyMap<string, number>): string =>
  [...map]
    .map(([key, value]) => `${key}${value}`)
    .toSorted()
    .join(' ')

describe('a successor', () => {
  const first = new SnapshotMap<string, number>().applyChanges(of({ a: 1, b: 2 }))

  test('has the changes, and its predecessor does not', () => {
    const second = first.applyChanges(of({ a: undefined, b: 3, c: 4 }))
    expect([text(second), text(first)]).toEqual(['b3 c4', 'a1 b2'])
    expect([second.size, second.has('a'), second.get('b'), [...second.keys()].length]).toEqual([2, false, 3, 2])
  })

  test('without a change is the same map', () => expect(first.applyChanges(new Map())).toBe(first))

  test('can be created twice from one version', () => {
    const left = first.applyChanges(of({ x: 1 }))
    const right = first.applyChanges(of({ y: 1 }))
    expect([text(left), text(right), text(first)]).toEqual(['a1 b2 x1', 'a1 b2 y1', 'a1 b2'])
  })
})

test('300 versions do not change when they are read in any order', () => {
  const random = createRandom(7)
  const versions: SnapshotMap<string, number>[] = [new SnapshotMap()]
  const expected: string[] = ['']
  const plain = new Map<string, number>()
  for (let i = 1; i <= 300; i++) {
    const changes = new Map<string, number | undefined>()
    for (let j = 0; j < 5; j++) changes.set(`k${Math.floor(random() * 40)}`, random() < 0.3 ? undefined : i * 10 + j)
    for (const [key, value] of changes) value === undefined ? plain.delete(key) : plain.set(key, value)
    versions.push(versions.at(-1)!.applyChanges(changes))
    expected.push(text(plain))
    if (i % 50 === 0) expect(text(versions[i - 20]!)).toBe(expected[i - 20])
  }
  for (const i of [150, 3, 299, 64, 65, 128, 0, 300, 200]) expect(text(versions[i]!), `version ${i}`).toBe(expected[i])
})

test('an old version that is kept keeps no more values than the map holds', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const first = new SnapshotMap<number, object>()
  const refs: WeakRef<object>[] = []
  let map = first
  for (let sample = 0; sample < 50; sample++) {
    const changes = new Map(Array.from({ length: 100 }, (_, key) => [key, { sample }] as const))
    refs.push(...[...changes.values()].map(value => new WeakRef<object>(value)))
    map = map.applyChanges(changes)
  }
  return new Promise<void>(resolve => setImmediate(resolve)).then(() => {
    collect()
    expect(refs.filter(ref => ref.deref() !== undefined).length).toBeLessThanOrEqual(2 * map.size)
    expect([first.size, map.size]).toEqual([0, 100])
  })
})
