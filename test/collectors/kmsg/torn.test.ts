// The property: a report cut, mixed with another, or put out of order in a thousand ways says nothing wrong, only less.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { consumeRecord, emptyOomState } from '../../../src/collectors/kmsg/consume-record.ts'
import type { KernelRecord } from '../../../src/collectors/kmsg/kernel-record.ts'
import type { OomState } from '../../../src/collectors/kmsg/oom/oom-assembler.ts'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'
import { pickCases } from '../../full.ts'
import { createRandom } from '../../seeded-random.ts'
import { parseCapture } from './captures.ts'

const ROUNDS = pickCases(80, 1000)

/** The texts of a saved log: their places are numbers, but nothing says that none is missing. */
function texts(name: string): readonly string[] {
  const text = readFileSync(new URL(`../../fixtures/logs/${name}.dmesg`, import.meta.url), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map(line => line.replace(/^\[[ \d.]+\] /, ''))
}

const place = (lines: readonly string[], seam = lines.length): readonly KernelRecord[] =>
  lines.map((text, i) => {
    const time = 1000 + i / 100 + (i < seam ? 0 : 1500)
    return { sequence: i, unnumbered: true, time, level: 6, facility: 0, text }
  })

const followed = (records: readonly KernelRecord[]): OomState => records.reduce(consumeRecord, emptyOomState)

const REPORTS: Readonly<Record<string, readonly string[]>> = {
  '3.10.0-327': texts('oom-memcg.3.10.0-327'),
  '3.10.0-1160': texts('oom-memcg.3.10.0-1160'),
  '3.10 global': texts('oom-global.3.10.0-693'),
  '4.4': texts('oom-memcg.4.4'),
  '4.9 global': texts('oom-global.4.9'),
  '4.14': texts('oom-memcg.4.14'),
  '4.19': texts('oom-memcg.4.19'),
  '4.19 slab': texts('oom-global-slab.4.19'),
  '5.0': texts('oom-memcg.5.0'),
  '5.4': texts('oom-memcg.5.4'),
  '5.15 sysrq': texts('oom-sysrq.5.15'),
  '5.15 global': texts('oom-global.5.15'),
  '6.1 group': parseCapture('oom-group.v2-6.1').map(({ text }) => text),
  '6.12 global': parseCapture('oom-global.v2-6.12')
    .slice(0, 70)
    .map(({ text }) => text),
  '6.12 swap': parseCapture('oom-swap.v2-6.12').map(({ text }) => text),
  '6.18 parent': parseCapture('oom-nested.v1-6.18')
    .slice(0, 80)
    .map(({ text }) => text),
  '7.3': texts('oom-memcg.7.3'),
  '6.18 names': parseCapture('oom-utf8name.v1-6.18').map(({ text }) => text),
}

const names = Object.keys(REPORTS)
// of a group whose first line is lost, another of its processes is the victim
const truths = new Map(
  names.flatMap(name =>
    followed(place(REPORTS[name]!)).oomKills.flatMap(kill =>
      [kill.victim, ...kill.alsoKilled].map(victim => [victim.pid, { ...kill, victim }] as const),
    ),
  ),
)

const FIELDS = [
  'constraint',
  'nodes',
  'global',
  'oomMemcg',
  'taskMemcg',
  'oomGroup',
  'memory',
  'swap',
  'kmem',
  'sysrq',
] as const

// Sums of one line for each cgroup (up to 4.20) are less when lines are missing; no value is another's.
function expectTrue(said: OomKill): void {
  const truth = truths.get(said.victim.pid)!
  for (const [name, value] of Object.entries(said.victim)) expect([null, truth.victim[name as 'pid']]).toContain(value)
  for (const field of FIELDS)
    expect([null, truth[field]], `${field} of ${said.victim.comm}`).toContainEqual(said[field])
  if (said.invoker) expect({ ...said.invoker, pid: said.invoker.pid ?? truth.invoker!.pid }).toEqual(truth.invoker)
  for (const row of said.tasks) expect(truth.tasks).toContainEqual(row)
  for (const row of said.unreclaimableSlab) expect(truth.unreclaimableSlab).toContainEqual(row)
  expect(truth.stat).toMatchObject(said.stat)
  expect(truth.memInfo?.pages ?? {}).toMatchObject(said.memInfo?.pages ?? {})
  for (const zone of said.memInfo?.zones ?? []) {
    const whole = truth.memInfo!.zones.find(({ node, name }) => node === zone.node && name === zone.name)!
    for (const [name, value] of Object.entries(zone)) expect([null, whole[name as 'free']]).toContainEqual(value)
  }
}

/** Kills of these lines, all true, none twice, one for each line that names one. */
function check(lines: readonly string[], seam?: number): void {
  const { oomKills } = followed(place(lines, seam))
  for (const kill of oomKills) expectTrue(kill)
  const named = new Set(lines.flatMap(line => /Killed process (\d+) \(/.exec(line)?.[1] ?? []))
  const reported = new Set(
    oomKills.flatMap(({ victim, alsoKilled }) => [victim, ...alsoKilled].map(({ pid }) => String(pid))),
  )
  expect(reported).toEqual(named)
}

type Random = () => number

// These two are of one cgroup by name: a group line between them would be true of either.
const mayMeet = (a: readonly string[], b: readonly string[]): boolean =>
  a !== b && ![a, b].every(one => one === REPORTS['6.1 group'] || one === REPORTS['6.12 swap'])

function cut(lines: readonly string[], random: Random): readonly string[] {
  const share = random()
  if (random() < 0.5) return lines.filter(() => random() > share * 0.6)
  const [from, to] = [random(), random()].map(part => Math.floor(part * lines.length)).sort((a, b) => a - b)
  return random() < 0.5 ? lines.slice(from, to! + 1) : lines.toSpliced(from!, to! - from!)
}

function interleaved(a: readonly string[], b: readonly string[], random: Random): readonly string[] {
  const [one, other] = [[...a], [...b]]
  const mixed: string[] = []
  while (one.length + other.length > 0) {
    const from = random() * (one.length + other.length) < one.length ? one : other
    mixed.push(...from.splice(0, 1 + Math.floor(random() * 4)))
  }
  return mixed
}

const shuffled = (lines: readonly string[], random: Random): readonly string[] =>
  lines
    .map(line => [random(), line] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, line]) => line)

const noise = [
  'audit: type=1400',
  'IPv6: ADDRCONF(NETDEV_UP): eth0',
  ' <TASK>',
  '',
  'foo: bar',
  '[drm] x',
  'a: b: c 12kB',
]

test('the complete reports are complete', () => {
  expect(truths.size).toBe(names.length + 2)
  for (const kill of truths.values()) expect(kill.complete).toBe(true)
})

describe.each(names)('%s', name => {
  const lines = REPORTS[name]!

  test('truncated reports say nothing wrong', () => {
    const random = createRandom(name.length)
    for (let round = 0; round < ROUNDS; round++) check(cut(lines, random))
  })

  test('reports out of order say nothing wrong', () => {
    const random = createRandom(name.length + 1)
    for (let round = 0; round < ROUNDS / 4; round++) check(shuffled(lines, random))
  })

  test('reports among other lines say nothing wrong', () => {
    const random = createRandom(name.length + 2)
    for (let round = 0; round < ROUNDS / 4; round++)
      check(
        cut(lines, random).flatMap(line =>
          random() < 0.3 ? [noise[Math.floor(random() * noise.length)]!, line] : [line],
        ),
      )
  })
})

test('two mixed reports say nothing wrong', () => {
  const random = createRandom(5)
  const any = (): readonly string[] => REPORTS[names[Math.floor(random() * names.length)]!]!
  for (let round = 0; round < ROUNDS * 3; round++) {
    const [a, b] = [any(), any()]
    if (mayMeet(a, b)) check(interleaved(a, b, random))
  }
})

// What a text alone cannot show is a seam without a trace: two pieces that fit, at the same moment. Real ones leave a gap in time.
test('the start of one report and the rest of another say nothing wrong', () => {
  const random = createRandom(6)
  const any = (): readonly string[] => REPORTS[names[Math.floor(random() * names.length)]!]!
  for (let round = 0; round < ROUNDS * 3; round++) {
    const [a, b] = [any(), any()]
    if (!mayMeet(a, b)) continue
    const first = a.slice(0, Math.floor(random() * a.length))
    check([...first, ...b.slice(Math.floor(random() * b.length))], first.length)
  }
})
