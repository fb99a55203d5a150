// The property, for texts: lines missing from a saved log, in any format, leave less and nothing wrong.
import { describe, expect, test } from 'vitest'
import type { KernelRecord } from '../../../src/collectors/kmsg/kernel-record.ts'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'
import { findKills, parseCapture } from '../../collectors/kmsg/captures.ts'
import { pickCases } from '../../full.ts'
import { createRandom } from '../../seeded-random.ts'
import { formatLog, parseLog, WRITERS } from './log-formats.ts'

// none with a newline in a name: when its second line is lost, no text shows that there was one
const NAMES = ['oom-group.v2-6.1', 'oom-global.v2-6.1', 'oom-nested.v1-6.18', 'oom-oddname.v1-6.18']
const ROUNDS = pickCases(12, 200)

// Its first report: two of one cgroup that follow each other cannot be distinguished when what is between them is lost.
function reportIn(name: string): readonly KernelRecord[] {
  const records = parseCapture(name)
  const begins = records.flatMap(({ text }, i) => (/ invoked oom-killer: /.test(text) ? [i] : []))
  return records.slice(0, begins[1] ?? records.length)
}

const keyOf = ({ pid, comm }: OomKill['victim']): string => `${pid} ${comm}` // pids of two captures are the same
const truths = new Map(
  NAMES.flatMap(name =>
    findKills(reportIn(name)).flatMap(kill =>
      [kill.victim, ...kill.alsoKilled].map(victim => [keyOf(victim), { ...kill, victim }] as const),
    ),
  ),
)

function expectTrue(said: OomKill): void {
  const truth = truths.get(keyOf(said.victim))!
  expect(truth, keyOf(said.victim)).toBeDefined()
  expect(truth.victim).toMatchObject(given(said.victim))
  for (const field of ['global', 'oomMemcg', 'taskMemcg', 'memory', 'swap', 'kmem'] as const)
    expect([null, truth[field]], field).toContainEqual(said[field])
  if (said.invoker) expect(truth.invoker).toMatchObject(given(said.invoker))
  for (const row of said.tasks) expect(truth.tasks).toContainEqual(row)
  expect(truth.stat).toMatchObject(said.stat)
  expect(truth.memInfo?.pages ?? {}).toMatchObject(said.memInfo?.pages ?? {})
}

const given = (of: object): object => Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null))

// without stamps nothing shows that the rest of a report is another's
const FORMATS = Object.keys(WRITERS).filter(
  name => /further|journal short|^syslog|^dmesg$|verbose|pretty/.test(name) && name !== 'syslog without stamps',
)

describe.each(FORMATS)('%s', format => {
  const files = NAMES.map(name => formatLog(reportIn(name), format).trimEnd().split('\n'))

  test('lines are missing', () => {
    const random = createRandom(7)
    for (let round = 0; round < ROUNDS; round++) {
      const lines = files.flatMap(file => {
        const share = random()
        const [from, to] = [random(), random()].map(part => Math.floor(part * file.length)).sort((a, b) => a - b)
        return round % 2 === 0 ? file.filter(() => random() > share * 0.6) : file.toSpliced(from!, to! - from!)
      })
      for (const { kill } of parseLog(lines.join('\n')).kills) expectTrue(kill)
    }
  })

  test('the end of one is followed by the rest of another', () => {
    const random = createRandom(8)
    for (let round = 0; round < ROUNDS; round++) {
      const [one, other] = [files[Math.floor(random() * files.length)]!, files[Math.floor(random() * files.length)]!]
      if (one === other) continue
      const lines = [
        ...one.slice(0, Math.floor(random() * one.length)),
        ...other.slice(Math.floor(random() * other.length)),
      ]
      for (const { kill } of parseLog(lines.join('\n')).kills) expectTrue(kill)
    }
  })
})
