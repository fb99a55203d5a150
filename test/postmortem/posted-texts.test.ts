// Texts in the forms in which people post them (test/fixtures/posted): what was written down before must come out.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toPostmortemJson } from '../../src/postmortem/report/json.ts'
import { formatPostmortem } from '../../src/postmortem/report/text.ts'
import { analyzeText } from './analyze-text.ts'

interface Check {
  /** a path in the JSON, and the value there; `[kind=x]` keeps the elements of that kind */
  readonly json: readonly (readonly [path: string, expected: unknown])[]
  /** patterns that the text for people has, or has not */
  readonly must: readonly string[]
  readonly mustNot: readonly string[]
}

const FOLDER = new URL('../fixtures/posted/', import.meta.url).pathname
const NAMES = readdirSync(FOLDER)
  .filter(name => name.endsWith('.log'))
  .map(name => name.replace('.log', ''))

// oomKills.0.victim.pid        events[kind=program-kill].length
function pickValue(value: unknown, path: string): unknown {
  return [...path.matchAll(/\[(\w+)=([\w-]+)\]|[^.[\]]+/g)].reduce<unknown>((inside, [step, key, wanted]) => {
    if (key === undefined) return (inside as Record<string, unknown> | undefined)?.[step]
    return (inside as Record<string, unknown>[]).filter(one => one[key] === wanted)
  }, value)
}

test.each(NAMES)('the text %s gives what was written down before, and nothing wrong', async name => {
  const check: Check = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
  const postmortem = await analyzeText(readFileSync(join(FOLDER, `${name}.log`), 'latin1'))
  const { oomKills, events, relayedKills, ...rest } = toPostmortemJson(postmortem)
  const lists = [oomKills, events, relayedKills].map(list => [...(list as Iterable<object>)])
  const answer = JSON.parse(JSON.stringify({ ...rest, oomKills: lists[0], events: lists[1], relayedKills: lists[2] }))
  for (const [path, expected] of check.json) expect(pickValue(answer, path), path).toEqual(expected)
  const text = formatPostmortem(postmortem)
  for (const pattern of check.must) expect(text).toMatch(new RegExp(pattern, 'im'))
  for (const pattern of check.mustNot) expect(text).not.toMatch(new RegExp(pattern, 'im'))
})
