// `kmemtop analyze --json` keeps its schema, whatever it reads, and the schema is documented.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { streamJson } from '../../src/base/json.ts'
import { readSavedFiles } from '../../src/postmortem/logs/read-saved-files.ts'
import { buildPostmortem } from '../../src/postmortem/postmortem.ts'
import { toPostmortemJson } from '../../src/postmortem/report/json.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { analyzeSchema } from './analyze-schema.ts'
import { getLogPath } from './logs/log-formats.ts'

const folder = createTemporaryFolder()
const FIXTURES = globSync('{*.dmesg,el7-leak/*}', { cwd: getLogPath('') })

async function analyze(path: string): Promise<unknown> {
  const postmortem = buildPostmortem(await readSavedFiles([path], Date.UTC(2026, 10, 24)))
  return JSON.parse([...streamJson(toPostmortemJson(postmortem))].join(''))
}

const KILLED = 'Memory cgroup out of memory: Killed process 41 (web) total-vm:4000kB, anon-rss:1600kB, file-rss:0kB'

describe.each([
  ['a relayed kill', `Nov 23 10:00:00 node-7 fluent-bit[7]: ${KILLED}\n`],
  [
    'programs that kill',
    'Nov 23 10:00:00 n earlyoom[6]: sending SIGTERM to process 4410 uid 1 "blender": oom_score 790\n',
  ],
  ['a line that no rule reads', 'Nov 23 10:00:00 n kernel: something: Out of memory for it\n'],
  ['pieces', 'MemTotal: 4194304 kB\nMemFree: 1 kB\n5.15.0-84-generic\nslabinfo - version: 2.1\n'],
  ['nothing', 'call me back\n'],
])('the JSON of %s', (_, text) => {
  test('has the schema', async () => {
    const path = join(folder, 'given.log')
    writeFileSync(path, text)
    v.parse(analyzeSchema, await analyze(path))
  })
})

test.each(FIXTURES)('%s has the schema', async name => {
  v.parse(analyzeSchema, await analyze(getLogPath(name)))
})

test('every member is in docs/saved-logs.md', () => {
  const text = readFileSync(new URL('../../docs/saved-logs.md', import.meta.url), 'utf8')
  const kill = analyzeSchema.entries.oomKills.item
  const names = [...Object.keys(analyzeSchema.entries), ...Object.keys(kill.entries)]
  expect(names.filter(name => !text.includes(`\`${name}\``))).toEqual([])
})
