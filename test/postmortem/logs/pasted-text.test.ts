// The property, for texts as people post them: the same report in any shape says the same, or less, and nothing wrong.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { OomKill } from '../../../src/collectors/kmsg/oom/oom-kill.ts'
import { type LogEvidence, mergeEvidence } from '../../../src/postmortem/evidence.ts'
import { readSavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
import { isFull } from '../../full.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { createRandom } from '../../seeded-random.ts'
import { getLogPath, readSavedLog } from './log-formats.ts'

const folder = createTemporaryFolder()

async function read(text: string): Promise<LogEvidence> {
  const path = join(folder, 'pasted.log')
  writeFileSync(path, text, 'latin1')
  return mergeEvidence(await readSavedFiles([path], Date.UTC(2026, 10, 24)))
}

// One report for each kernel; names with blanks and brackets are in some of them.
const NAMES = readdirSync(getLogPath(''))
  .filter(name => /^oom-(?:global|memcg|tmpfs|sysrq).*\.dmesg$/.test(name))
  .map(name => name.replace('.dmesg', ''))
const FEW = NAMES.filter((_, i) => i % 6 === 0)
const texts = new Map(NAMES.map(name => [name, readSavedLog(`${name}.dmesg`).trimEnd()]))
const truths = new Map<string, OomKill>()
for (const [name, text] of texts) truths.set(name, (await read(`${text}\n`)).kills[0]!.kill)

/** A kill without its location. */
const FACTS = [
  'constraint',
  'nodes',
  'global',
  'complete',
  'invoker',
  'oomMemcg',
  'taskMemcg',
  'victim',
  'memory',
  'swap',
  'kmem',
  'tasks',
  'stat',
  'unreclaimableSlab',
  'memInfo',
  'sysrq',
] as const

const pickFacts = (kill: OomKill): object => Object.fromEntries(FACTS.map(field => [field, kill[field]]))

async function expectSame(name: string, text: string): Promise<void> {
  const { kills, events, inputs } = await read(text)
  expect(kills).toHaveLength(1)
  expect(pickFacts(kills[0]!.kill)).toEqual(pickFacts(truths.get(name)!))
  expect(events.filter(({ event }) => event.kind === 'oom-without-kill')).toEqual([])
  expect(inputs[0]).toMatchObject({ skipped: null, unread: { count: 0 } })
}

const lines = (name: string): readonly string[] => texts.get(name)!.split('\n')

/** Breaks a line at blanks, as a mail program does: the blank is gone, long words stay whole. */
function wrapWords(line: string, width: number): readonly string[] {
  const out: string[] = []
  let rest = line
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width)
    const cut = at > 16 ? at : rest.indexOf(' ', width)
    if (cut < 0) break
    out.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut + 1)
  }
  return [...out, rest]
}

/** Breaks a line after so many characters, as a terminal and `fold` do. */
const wrapHard = (line: string, width: number): readonly string[] =>
  line === '' ? [''] : (line.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])

// At these widths the few lines that were broken happen to end at one column, or in one word: where they were broken cannot be
// known. What is read must be true, but not all is read.
const AMBIGUOUS: ReadonlySet<string> = new Set([
  'oom-global.3.10.0-693 in words 57',
  'oom-memcg.4.14 at blanks 126',
  'oom-sysrq.5.15 at blanks 40',
])

async function expectWrapped(name: string, how: string, text: string): Promise<void> {
  if (!AMBIGUOUS.has(`${name} ${how}`)) return expectSame(name, text)
  const { kills, events } = await read(text)
  expect(kills).toHaveLength(1)
  expectTrue(kills[0]!.kill, truths.get(name)!)
  expect(events.filter(({ event }) => event.kind === 'oom-without-kill')).toEqual([])
}

// The next line of a stack may be that of any report.
const isInStack = (record: string): boolean =>
  /^\[[ \d.]+\] (?:CPU: |Hardware name|Workqueue|Call Trace|[0-9a-f ]{33}| *(?:\[<|<\/?TASK|\w+\+0x))/.test(record)
// The next line among the counters of a cgroup may be that of another, killed two seconds later.
const isInCounters = (record: string): boolean =>
  /^\[[ \d.]+\] (?:Task in |(?:memory|memory\+swap|swap|kmem): usage |Memory cgroup stats for |[a-z]\w* \d+(?:\n|$))/.test(
    record,
  )
// A report of a fixture that has no lines between the free blocks and the number of pages.
const isShort = (before: string, after: string): boolean => / = \d+kB$/.test(before) && / pages RAM$/.test(after)

const WIDTHS = isFull ? Array.from({ length: 93 }, (_, i) => 40 + i) : [40, 66, 72, 80, 132]

describe.each(isFull ? NAMES : FEW)('%s is read as before', name => {
  test.each(WIDTHS)('wrapped at blanks, %i columns', async width => {
    const wrapped = lines(name).flatMap(line => wrapWords(line, width))
    await expectWrapped(name, `at blanks ${width}`, wrapped.join('\n'))
  })

  test.each(WIDTHS)('wrapped in words, %i columns', async width => {
    const wrapped = lines(name).flatMap(line => wrapHard(line, width))
    await expectWrapped(name, `in words ${width}`, wrapped.join('\n'))
  })

  test.each([
    ['quoted', '> '],
    ['quoted twice', '> > '],
    ['quoted without blanks', '>'],
    ['indented', '    '],
    ['indented with a tab', '\t'],
  ])('when it is %s', async (_, prefix) => {
    await expectSame(
      name,
      lines(name)
        .map(line => prefix + line)
        .join('\n'),
    )
    const wrapped = lines(name).flatMap(line => wrapWords(line, 72))
    await expectSame(name, wrapped.map(line => prefix + line).join('\n'))
  })

  test('as a mail is stored: quoted-printable', async () => {
    const soft = (line: string): string => line.replaceAll('=', '=3D').replace(/.{1,72}(?=.)(?<!=.?)/g, '$&=\n')
    await expectSame(name, lines(name).map(soft).join('\n'))
  })

  test.each([' ', '; ', '\\n'])('on one line, with "%s" where lines ended', async separator => {
    const { kills } = await read(lines(name).join(separator))
    expect(kills).toHaveLength(1)
    expectTrue(kills[0]!.kill, truths.get(name)!)
    expect(kills[0]!.kill.victim).toEqual(truths.get(name)!.victim)
  })

  test('with a blank behind each line', async () => {
    await expectSame(name, `${lines(name).join(' \n')} `)
  })

  test.each(isFull ? [60, 100, 160] : [80])('cut by a screen of %i columns', async width => {
    for (const mark of ['>', '\xe2\x80\xa6']) {
      const cut = lines(name).map(line => (line.length > width ? line.slice(0, width - 1) + mark : line))
      const { kills, events } = await read(cut.join('\n'))
      const truth = truths.get(name)!
      for (const { kill } of kills) {
        expectTrue(kill, truth)
        expect(truth.victim.comm.startsWith(kill.victim.comm.replace(/…$/, ''))).toBe(true)
        for (const field of ['totalVm', 'anonRss', 'fileRss'] as const)
          expect([null, truth.victim[field]]).toContain(kill.victim[field])
      }
      const reports = events.filter(({ event }) => event.kind === 'oom-without-kill')
      expect(kills.length + reports.length).toBe(1)
    }
  })

  test('the newest line first', async () => {
    const records = texts.get(name)!.split(/\n(?! {8})/) // further lines of a record stay below its first
    await expectSame(name, records.toReversed().join('\n'))
  })

  test('by a slow console: seconds between the lines', async () => {
    const slow = lines(name).map((line, i) =>
      line.replace(/^\[[ \d.]+\]/, `[${(9000 + i * 4).toFixed(6).padStart(12)}]`),
    )
    await expectSame(name, slow.join('\n'))
  })

  test.each([
    ['after the first line', / invoked oom-killer: /],
    ['after the head of the task table', /\[ *pid *\]/],
    ['before the kill', /oom-kill:|[Kk]ill process/],
    ['in the free blocks', /Normal free:\d+kB/],
  ])('one gap of seconds %s', async (_, last) => {
    const records = texts.get(name)!.split(/\n(?! {8})/)
    const at = records.findLastIndex(record => last.test(record))
    if (at < 0) return // of a cgroup, without free blocks
    const torn = records.map((record, i) =>
      record.replace(/^\[[ \d.]+\]/, `[ ${9000 + (i > at ? 40 : 0)}.${100_000 + i}]`),
    )
    await expectSame(name, torn.join('\n'))
  })

  test('by a console that takes a third of a second for each line', async () => {
    const slow = lines(name).map((line, i) =>
      line.replace(/^\[[ \d.]+\]/, `[${(9000 + i * 0.33).toFixed(6).padStart(12)}]`),
    )
    await expectSame(name, slow.join('\n'))
  })

  test('what comes before Mem-Info is cut off', async () => {
    const records = texts.get(name)!.split(/\n(?! {8})/)
    const at = records.findIndex(record => record.endsWith('Mem-Info:'))
    if (at < 0) return
    const { kills, events } = await read(records.slice(at).join('\n'))
    expect(kills[0]!.kill).toMatchObject({ complete: false, invoker: null, memInfo: truths.get(name)!.memInfo })
    expect(events.filter(({ event }) => event.kind === 'oom-without-kill')).toEqual([])
  })

  test('a gap at any place is one kill with all facts, unless it is in the stack or among the counters of a cgroup', async () => {
    const records = texts.get(name)!.split(/\n(?! {8})/)
    for (let at = 1; at < records.length; at += isFull ? 1 : 4) {
      const torn = records.map((record, i) =>
        record.replace(/^\[[ \d.]+\]/, `[ ${9000 + (i < at ? 0 : 5)}.${100_000 + i}]`),
      )
      const { kills } = await read(torn.join('\n'))
      expect(kills, `before line ${at}`).toHaveLength(1)
      expectTrue(kills[0]!.kill, truths.get(name)!)
      if (isInStack(records[at - 1]!) || isInCounters(records[at - 1]!) || isShort(records[at - 1]!, records[at]!))
        continue
      expect(pickFacts(kills[0]!.kill), `before line ${at}`).toEqual(pickFacts(truths.get(name)!))
    }
  })

  test('the stamp of the first line is lost', async () => {
    const [first, ...rest] = lines(name)
    await expectSame(name, [first!.replace(/^\[[ \d.]+\] /, ''), ...rest].join('\n'))
  })

  test('inside ten thousand harmless lines', async () => {
    const harmless = (from: number): readonly string[] =>
      Array.from({ length: 5000 }, (_, i) => `[${((from + i) / 10).toFixed(6).padStart(12)}] usb 1-1: new device ${i}`)
    await expectSame(name, [...harmless(0), ...lines(name), ...harmless(90_000_000)].join('\n'))
  })

  test('glued to uname, meminfo and slabinfo', async () => {
    const [meminfo, slabinfo] = ['meminfo', 'slabinfo'].map(file => readSavedLog(`el7-leak/${file}`).trimEnd())
    const text = [
      '$ cat /proc/meminfo',
      meminfo,
      '$ dmesg',
      texts.get(name),
      '$ cat /proc/slabinfo',
      slabinfo,
      '',
    ].join('\n')
    await expectSame(name, text)
    await expectSame(name, [slabinfo, texts.get(name), meminfo, ''].join('\n'))
    const { inputs } = await read(text)
    expect(inputs[0]!.pieces.map(({ kind }) => kind)).toEqual(['meminfo', 'slabinfo'])
  })
})

// %s is the text; stamps are those of one second, as most of these tools write them
const PREFIXES: readonly (readonly [string, (text: string, i: number) => string])[] = [
  ['kernel: without a blank', text => `kernel:${text}`],
  ['host and tag', text => `db6 kernel: ${text}`],
  ['<kern.warning>', text => `Jun 17 03:52:10 dbsrv <kern.warning> kernel: ${text}`],
  ['[kern.warn]', text => `Jun 17 03:52:10 dbsrv [kern.warn] kernel: ${text}`],
  ['kern.warning', text => `Jun 17 03:52:10 dbsrv kern.warning kernel: ${text}`],
  ['time of day', text => `03:52:10 kernel: ${text}`],
  ['time of day in brackets', text => `[03:52:10] ${text}`],
  ['two blanks after the stamp', text => `Jun 17 03:52:10  dbsrv kernel: ${text}`],
  ['year first, slashes', text => `2024/06/17 03:52:10 dbsrv kernel: ${text}`],
  ['day first, slashes', text => `17/06/2024 03:52:10 dbsrv kernel: ${text}`],
  ['month first, slashes and half days', text => `06/17/2024, 03:52:10 PM dbsrv kernel: ${text}`],
  ['day first, dots', text => `17.06.2024 03:52:10 dbsrv kernel: ${text}`],
  ['apache', text => `17/Jun/2024:03:52:10 +0000 dbsrv kernel: ${text}`],
  ['logcat', text => `06-17 03:52:10.123     0     0 W         : ${text}`],
  ['logcat with a tag', text => `06-17 03:52:10.123     0     0 W kernel  : ${text}`],
  ['logcat with a user', text => `06-17 03:52:10.123  root     0     0 W kernel  : ${text}`],
  ['logcat, brief', text => `W/kernel  (    0): ${text}`],
  ['a table in Markdown', text => `| 2024-06-17 03:52:10 | ${text} |`],
  ['a table with tabs', text => `|2024-06-17 03:52:10\t|${text}|`],
  ['CSV', text => `"2024-06-17 03:52:10","dbsrv","kernel","${text}"`],
  ['CSV without a program', text => `2024-06-17T03:52:10.000Z,dbsrv,"${text}"`],
  ['tabs', text => `2024-06-17 03:52:10\tdbsrv\tkernel:\t${text}`],
  ['no-break spaces', text => `Jun 17 03:52:10 dbsrv kernel: ${text}`.replaceAll(' ', '\xc2\xa0')],
  ['a console server', text => `[2024-06-17 03:52:10] ${text}`],
  ['level in brackets', text => `2024-06-17 03:52:10 [warning] kernel: ${text}`],
  ['level as a word', text => `2024-06-17 03:52:10 WARN kernel: ${text}`],
  ['a host in brackets', text => `2024-06-17 03:52:10 [dbsrv] kernel: ${text}`],
  ['name and value', text => `ts=2024-06-17T03:52:10Z host=dbsrv kernel: ${text}`],
  ['numbered lines', (text, i) => `${i + 1}\tJun 17 03:52:10 dbsrv kernel: ${text}`],
  ['grep of a file', text => `/var/log/kern.log:Jun 17 03:52:10 dbsrv kernel: ${text}`],
]

const getTexts = (name: string): readonly string[] =>
  lines(name).map(line =>
    line
      .replace(/^\[[ \d.]+\] /, '')
      .replace(/^ {8,}(?=\w+ \d+$)/, '')
      .replace(/^ {8,}/, ' '),
  )

describe.each(PREFIXES)('behind %s', (_, write) => {
  test.each(isFull ? NAMES : FEW.slice(0, 3))('%s has the same facts', async name => {
    await expectSame(name, getTexts(name).map(write).join('\n'))
  })
})

test.each(['fluent-bit', 'vector', 'logger'])(
  'a whole report relayed by %s is shown in full, and is no kill',
  async program => {
    for (const name of FEW) {
      const text = getTexts(name).map(line => `Jun 17 03:52:10 dbsrv ${program}[77]: ${line}`)
      const { kills, relayed } = await read(text.join('\n'))
      expect(kills).toEqual([])
      expect(relayed).toHaveLength(1)
      expect(relayed[0]!.program).toBe(program)
      expect(relayed[0]!.kill).toMatchObject({ victim: truths.get(name)!.victim, global: truths.get(name)!.global })
    }
  },
)

// What is not certain may be another's; all else is true or unknown.
function expectTrue(kill: OomKill, truth: OomKill): void {
  const isLikely = (field: string): boolean => (kill.likely as readonly string[]).includes(field)
  expect(kill.victim.pid).toBe(truth.victim.pid)
  for (const field of ['global', 'oomMemcg', 'taskMemcg', 'memory', 'swap', 'kmem'] as const)
    if (!isLikely(field)) expect([null, truth[field]], field).toContainEqual(kill[field])
  if (kill.memInfo && !isLikely('memInfo')) expect(truth.memInfo?.pages ?? {}).toMatchObject(kill.memInfo.pages)
  if (!isLikely('stat')) expect(truth.stat).toMatchObject(kill.stat)
  for (const row of kill.tasks) expect(truth.tasks).toContainEqual(row)
}

describe.each([
  ['thinned', (all: readonly string[], random: () => number) => all.filter(() => random() > 0.3)],
  [
    'with pieces cut out',
    (all: readonly string[], random: () => number) => {
      const [from, to] = [random(), random()].map(part => Math.floor(part * all.length)).toSorted((a, b) => a - b)
      return all.toSpliced(from!, to! - from!)
    },
  ],
] as const)('a report %s', (_, damage) => {
  test.each(NAMES)('%s says nothing wrong, and is one kill or one event', async name => {
    const random = createRandom(11)
    for (let round = 0; round < (isFull ? 60 : 6); round++) {
      const { kills, events } = await read(damage(lines(name), random).join('\n'))
      const reports = events.filter(({ event }) => event.kind === 'oom-without-kill')
      for (const { kill } of kills) expectTrue(kill, truths.get(name)!)
      expect(kills.length + reports.length).toBeLessThanOrEqual(1)
    }
  })
})
