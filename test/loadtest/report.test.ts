// The report of a load test: gates, comparison with a baseline, and its outputs, also with hostile names.
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { GiB, MiB } from '../../src/base/units.ts'
import { pickExitCode } from '../../src/cli/load/load-report.ts'
import { appendReading, createHistory, type History } from '../../src/history.ts'
import { type BaselineGrowth, compareWithBaseline, nameByScope } from '../../src/loadtest/baseline.ts'
import { evaluateGates } from '../../src/loadtest/gates.ts'
import { RunObserver } from '../../src/loadtest/observer.ts'
import { buildReport, type RunReport } from '../../src/loadtest/report.ts'
import { parseBaseline, runReportSchema, toReportJson } from '../../src/loadtest/report-json.ts'
import { formatJunit, formatMarkdown } from '../../src/loadtest/report-markup.ts'
import { formatReport } from '../../src/loadtest/report-text.ts'
import { defaultTolerances } from '../../src/loadtest/verdict.ts'

const session = {
  host: 'node-1',
  kernel: '6.1.0',
  bootId: 'b',
  wallClock: Date.UTC(2026, 10, 27, 12),
  interval: 1000,
  pageSize: 4096,
}

const HOSTILE = 'a|b`<script>\x1b[31m*'

/** A node whose unreclaimable slab keeps `leak` bytes of each execution, in one cache. */
function runOn(leak: number, executions = 6, baseline?: BaselineGrowth, log?: string): RunReport {
  const observer = new RunObserver({ scope: [], getOwnMemory: () => 0 })
  let history: History = createHistory(session)
  let begin = history
  const sample = (time: number, kept: number): void => {
    const slab = 100 * MiB + kept
    const meminfo = `MemTotal: ${GiB / 1024} kB\nMemFree: 500000 kB\nCached: 1000 kB\nAnonPages: 20000 kB\nSReclaimable: 5000 kB\nSUnreclaim: ${slab / 1024} kB\nKernelStack: 500 kB\nPageTables: 700 kB\n`
    const slabinfo = `slabinfo - version: 2.1\n${HOSTILE.replaceAll(' ', '')} ${Math.round(kept / 256) + 100} ${Math.round(kept / 256) + 100} 256 16 1 : tunables 0 0 0 : slabdata ${Math.round(kept / 4096) + 10} ${Math.round(kept / 4096) + 10} 0\n`
    history = appendReading(history, { time, collector: 'meminfo', files: { '/proc/meminfo': meminfo } })
    history = appendReading(history, { time, collector: 'slabinfo', files: { '/proc/slabinfo': slabinfo } })
    observer.add(history)
  }
  let time = 0
  for (; time <= 10_000; time += 1000) sample(time, 0)
  if (log) history = appendReading(history, { time, collector: 'applog', files: { [HOSTILE]: log } })
  begin = history
  for (let i = 1; i <= executions; i++) {
    observer.startIteration(time)
    for (let k = 0; k < 5; k++, time += 1000) sample(time, (i - 0.5) * leak + 50 * MiB)
    observer.endCommand(time, 0, 4700)
    for (let k = 0; k < 5; k++, time += 1000) sample(time, i * leak)
    observer.endSettle(time)
  }
  return buildReport({
    command: ['load', HOSTILE],
    observations: observer.getObservations(1),
    settleLimit: 5000,
    begin,
    end: history,
    alerts: [],
    tolerances: defaultTolerances,
    gates: [{ kind: 'oom' }, { kind: 'leak' }, { kind: 'growth', limit: 20 * MiB }, { kind: 'pressure', limit: 0.05 }],
    baseline,
    isInterrupted: false,
  })
}

test('a leak is reported with its growth, the cache, peak and remains, and the gates that it fails', () => {
  const report = runOn(4 * MiB)
  expect(report.verdict).toMatchObject({
    outcome: 'leaks',
    summary: expect.stringMatching(/^Leaks \+4\.00 MiB per iteration in SUnreclaim \(cache /),
  })
  const slab = report.rows.find(({ id }) => id === 'memory SUnreclaim')
  expect(slab).toMatchObject({ before: 100 * MiB, remains: 24 * MiB, peak: 100 * MiB + 22 * MiB + 50 * MiB })
  expect(report.gates.map(({ gate, failed }) => [gate.kind, failed])).toEqual([
    ['oom', false],
    ['leak', true],
    ['growth', true],
    ['pressure', null],
  ])
})

test('a run that returns passes, and says what a pass is worth', () => {
  const { verdict, gates } = runOn(0)
  expect(verdict.outcome).toBe('returned')
  expect(verdict.smallestDetectable).toBeLessThan(MiB)
  expect(gates.filter(({ failed }) => failed === true)).toEqual([])
})

test('a gate on growth sees no growth where nothing was measured', () => {
  const { verdict } = runOn(0)
  const [result] = evaluateGates([{ kind: 'growth', limit: 1 }], {
    verdict,
    rows: [],
    kills: 0,
    pressure: { some: null, full: null },
  })
  expect(result?.failed).toBe(null)
})

describe('the JSON', () => {
  test('follows its schema, and is read back as a baseline', () => {
    const json = toReportJson(runOn(4 * MiB))
    expect(v.safeParse(runReportSchema, JSON.parse(JSON.stringify(json))).success).toBe(true)
    const baseline = parseBaseline(JSON.stringify(json), 'run.json')
    expect(baseline.get('memory SUnreclaim')?.growth).toBe(4 * MiB)
  })

  test('of a little more growth each commit shows against the baseline', () => {
    const baseline = parseBaseline(JSON.stringify(toReportJson(runOn(MiB))), 'run.json')
    const { drifts } = compareWithBaseline(runOn(3 * MiB).verdict, [], baseline)
    expect(drifts.map(({ id }) => id)).toContain('memory SUnreclaim')
    expect(compareWithBaseline(runOn(MiB).verdict, [], baseline).drifts).toEqual([])
  })

  test('that is something else gets a clear error', () => {
    expect(() => parseBaseline('nope', 'x.json')).toThrow('x.json is not JSON')
    expect(() => parseBaseline('{"kmemtopRun":1}', 'x.json')).toThrow(
      /x\.json is no report of kmemtop run --json: command/,
    )
  })
})

describe('a comparison with an earlier run is shown in each output', () => {
  const compare = (leak: number, earlier: RunReport): RunReport =>
    runOn(leak, 6, parseBaseline(JSON.stringify(toReportJson(earlier)), 'run.json'))

  test('also one that finds nothing', () => {
    const report = compare(0, runOn(0))
    const detail =
      /none of \d+ numbers grows faster than in the earlier run; a growth of \d.* in processes, would have been seen/
    expect(formatReport(report)).toMatch(new RegExp(`^✔  baseline: ${detail.source}$`, 'm'))
    expect(formatMarkdown(report)).toMatch(detail)
    expect(formatJunit(report)).toContain('name="gate baseline"></testcase>')
    expect(pickExitCode({ ...report, gates: report.gates.filter(({ gate }) => gate.kind !== 'pressure') })).toBe(0)
  })

  test('what grows faster fails the run, and the headline of the pull request says so', () => {
    const report = compare(MiB, runOn(0))
    const detail = 'memory SUnreclaim grows +1.00 MiB per iteration, 0 in the earlier run'
    expect(formatReport(report)).toContain(`✖  baseline: ${detail}`)
    expect(pickExitCode(report)).toBe(1)
    const { verdict } = runOn(0)
    expect(formatMarkdown({ ...report, verdict }).split('\n')[0]).toMatch(/^### ❌ kmemtop: leak: /)
    const passed = { ...report, verdict, gates: report.gates.filter(({ gate }) => gate.kind === 'baseline') }
    expect(formatMarkdown(passed).split('\n')[0]).toMatch(`### ❌ kmemtop: baseline: ${detail}`)
  })

  test('a service under test is compared, although its cgroup has another name after each deployment', () => {
    const named = (path: string): string => nameByScope(`cgroup ${path} anon`, ['/db', '/pods/a1'])
    expect(['/pods/a1', '/pods/a1/web', '/pods/a11', '/db'].map(named)).toEqual([
      'cgroup #2 anon',
      'cgroup #2/web anon',
      'cgroup /pods/a11 anon',
      'cgroup #1 anon',
    ])
    expect(nameByScope('cgroup /pods/b7 anon', ['/db', '/pods/b7'])).toBe(named('/pods/a1'))
  })

  test('an earlier run that was too short compares nothing, which is no pass', () => {
    const report = compare(0, runOn(0, 2))
    expect(formatReport(report)).toContain('?  baseline: no number was judged in both runs: too few executions')
    expect(pickExitCode(report)).toBe(2)
  })
})

describe('with hostile names', () => {
  const report = runOn(4 * MiB)

  test('the text holds no escape sequence', () => {
    expect(formatReport(report)).not.toContain('\x1b')
  })

  test('JUnit XML holds no markup of theirs and counts its failures', () => {
    const xml = formatJunit(report)
    expect(xml).not.toMatch(/<script|\x1b/)
    expect(xml).toMatch(/<testsuite name="kmemtop run" tests="6" failures="3" skipped="1"/)
  })

  test('Markdown holds no markup of theirs', () => {
    const markdown = formatMarkdown(report)
    expect(markdown).not.toMatch(/<script|\x1b|a\|b`/)
    expect(markdown).toMatch(/^### ❌ kmemtop: Leaks/)
  })
})

test('what the application logged is in each output, cut and escaped', () => {
  const log = `1200 60 0\n30 ERROR ${HOSTILE} N\n20 ${'long '.repeat(60)}\n= newest`
  const report = runOn(0, 4, undefined, log)
  const text = formatReport(report)
  expect(text).toContain(
    '1,200 lines, 60 errors, 50 of them grouped by pattern\n  30 × ERROR a|b`<script>\\x1b[31m* N\n',
  )
  expect(text).toMatch(/\n {2}20 × (long ){32}…, last: newest\n/)
  expect(formatMarkdown(report)).toMatch(
    /<details><summary>application logs<\/summary>\n\n- .*\n {2}- 30 × ERROR a&#124;b&#96;&#60;script/,
  )
  const [one] = v.parse(runReportSchema, toReportJson(report)).logs!
  expect(one).toMatchObject({ name: HOSTILE, lines: 1200, errors: 60, patterns: [{ count: 30 }, { text: 'newest' }] })
})
