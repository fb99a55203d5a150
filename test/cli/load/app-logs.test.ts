// Application logs that misbehave: what is counted of them, and what is said about those that cannot be counted.
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { startAppLogs } from '../../../src/cli/load/app-logs.ts'
import { parseCounts } from '../../../src/collectors/applog/index.ts'
import type { WorkerCommand } from '../../../src/sampling/node-events.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const PATIENCE = { timeout: 20_000, interval: 50 }
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

interface Watched {
  readonly problems: readonly string[]
  /** sums over all readings so far */
  sum(field: 'lines' | 'errors' | 'skipped'): number
  listPatterns(): readonly string[]
}

async function watchLogs(options: { readonly log?: string[]; readonly logCommand?: string }): Promise<Watched> {
  const problems: string[] = []
  const counts: ReturnType<typeof parseCounts>[] = []
  const sendCommand = (command: WorkerCommand): void => {
    if (command.type !== 'applog') return
    for (const [name, text] of Object.entries(command.files)) counts.push(parseCounts(text ?? '', name))
  }
  ends.push(await startAppLogs(options, { sendCommand }, text => problems.push(text)))
  return {
    problems,
    sum: field => counts.reduce((total, one) => total + one[field], 0),
    listPatterns: () => counts.flatMap(({ patterns }) => [...patterns.keys()]),
  }
}

function makeLog(text = ''): string {
  const path = join(createTemporaryFolder(), 'app.log')
  writeFileSync(path, text)
  return path
}

test('a log of 5 GB is read from its end, and 50,000 lines at once are counted', async () => {
  const path = makeLog()
  truncateSync(path, 5 * 2 ** 30)
  const { sum } = await watchLogs({ log: [path] })
  appendFileSync(path, 'GET /cart 200\n'.repeat(49_900) + 'ERROR no token\n'.repeat(100))
  await vi.waitFor(() => expect([sum('lines'), sum('errors')]).toEqual([50_000, 100]), PATIENCE)
})

test('lines of a megabyte and binary bytes are counted, and their patterns are short', async () => {
  const path = makeLog()
  const { sum, listPatterns } = await watchLogs({ log: [path] })
  appendFileSync(path, `${'x'.repeat(2 ** 20)} error\n`.repeat(3))
  appendFileSync(path, Buffer.from([0, 255, 27, 13, 0, 10]))
  await vi.waitFor(() => expect([sum('lines'), sum('errors')]).toEqual([4, 3]), PATIENCE)
  expect(Math.max(...listPatterns().map(({ length }) => length))).toBeLessThanOrEqual(160)
})

test('a log is followed through truncation and a rename', async () => {
  const path = makeLog('old\n'.repeat(50))
  const { sum } = await watchLogs({ log: [path] })
  truncateSync(path, 0)
  appendFileSync(path, 'one\n')
  await vi.waitFor(() => expect(sum('lines')).toBe(1), PATIENCE)
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'two\nthree\n')
  await vi.waitFor(() => expect(sum('lines')).toBe(3), PATIENCE)
})

test('a directory and a device are named, and what to write instead', async () => {
  const folder = join(createTemporaryFolder(), 'logs')
  mkdirSync(folder)
  const { problems } = await watchLogs({ log: [folder, makeLog(), '/dev/zero'] })
  expect(problems).toEqual([
    expect.stringMatching(/--log .*logs: is a directory; a glob in quotes, like '.*\*\.log'/),
    '--log /dev/zero: is no regular file and is not counted; --log-command can read it',
  ])
})

test('a glob that names more files than are counted says so once', async () => {
  const folder = createTemporaryFolder()
  for (let i = 0; i < 203; i++) writeFileSync(join(folder, `${i}.log`), '')
  const { problems } = await watchLogs({ log: [join(folder, '*.log')] })
  expect(problems).toEqual(['--log: only 200 files are counted, 3 are left out; name fewer'])
})

test('a glob that matches nothing is an error', async () => {
  await expect(watchLogs({ log: ['/nowhere/*.log'] })).rejects.toThrow('--log /nowhere/*.log: no such file')
})

test('a command that dies is said to have died, and what it printed is counted', async () => {
  const { sum, problems } = await watchLogs({ logCommand: 'echo failed; exit 3' })
  await vi.waitFor(() => expect(sum('errors')).toBe(1), PATIENCE)
  await vi.waitFor(() => expect(problems).toEqual([expect.stringContaining('ended (exit code 3)')]), PATIENCE)
})

test.each([
  ['a'.repeat(5000), 'expected at most 4096 characters'],
  [`/tmp/${'{a,b}'.repeat(30)}`, 'stand for more than 1000 paths'],
  [`/tmp/${'{a,{b,{c,d}}}'.repeat(9)}`, 'stand for more than 1000 paths'],
  ['/tmp/{1..99999999}', 'stand for more than 1000 paths'],
  ['/**/*.log', 'goes through more than 50,000 files; name a smaller folder'],
])('a pattern that would be expanded without end is refused: %.30s', async (pattern, text) => {
  await expect(watchLogs({ log: [pattern] })).rejects.toThrow(text)
})
