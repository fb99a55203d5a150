// No regular expression that meets foreign text takes more than linear time: audited with recheck (npm).
// The proven ones are kept in a file, because a proof takes seconds. KMEMTOP_PROVE=all proves all of them again,
// KMEMTOP_PROVE=1 only the new ones; both write the file, without those that the source no longer has.
import { readFileSync, writeFileSync } from 'node:fs'
import { check, type Diagnostics } from 'recheck'
import { expect, test } from 'vitest'
import { type Expression, findBuilt, findLiterals } from './helpers/regular-expressions.ts'

const PROVEN_FILE = new URL('proven-expressions.json', import.meta.url)
const isFull = process.env.KMEMTOP_PROVE === 'all'
const isKept = isFull || process.env.KMEMTOP_PROVE === '1'

/** Files whose expressions meet what the user types, and no text of the node. */
const COMMAND_LINE = /^(?:cli\/|export\/(?:check-)?fields\.ts|panels\/filter\.ts)/

/** Linear, though the fuzzer of recheck takes a bounded repeat for a power, or a literal that cannot overlap itself for one that can. */
const LINEAR_BY_HAND: ReadonlySet<string> = new Set([
  // at most 52 hex digits are tried from each place
  String.raw`/^(?:[a-z-]+?-|[^/]*:)??(conmon-)?([0-9a-f]{12})[0-9a-f]{20,52}(?:\.scope)?$/`,
  // a UUID: 36 characters are tried from each place
  String.raw`/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi`,
  // the prefix is at most 64 characters
  String.raw`/^(?:(.{0,64}): )?vmalloc(?: error)?: (?:size (\d+), .*failed to (?:allocated?|map) |allocation failure,? allocated \d+ of (\d+) )/s`,
  // at most 200 characters from each place
  String.raw`/[eE]viction manager: .{0,200}\bmemory\b|[aA]ttempting to reclaim memory|EvictionThresholdMet.{0,200}\bmemory\b/`,
  // twelve numbers at most
  String.raw`/^\[ *\d+\](?: +-?\d+){5,12} \S.*$/`,
  String.raw`/^\[ *\d+\](?: +-?\d+){5,12} (\S.*)$/`,
  // at most 64 hex digits from each dash
  String.raw`/^([^_/]+)_([^_/]+)_([^/]+)-([0-9a-f]{64})\.log$/`,
  // the digits of two places where it may begin do not overlap
  String.raw`/invoked oom-killer|Killed process \d+ \(|^oom-kill:|^Linux version \d|(?:SLUB|SLAB): Unable to allocate|page allocation failure|^(?:Command line|Mem-[Ii]nfo|Call Trace):/m`,
])

/** Files whose expressions meet single lines that were cut at MAX_KERNEL_LINE: there a square is 16 million steps at most. */
const CUT_LINES = /^(?:postmortem\/logs|collectors\/kmsg|playback\/redact)\//

const isBounded = ({ place }: Expression, result: Diagnostics): boolean =>
  result.status === 'vulnerable' && CUT_LINES.test(place) && /^2nd/.test(result.complexity.summary)

// Only digits repeat without bound: places where it may begin cannot overlap. The fuzzer takes bounded repeats for powers.
const repeatsOnlyDigits = ({ source }: Expression): boolean =>
  !/(?<!\\)\*|\{\d+,\}/.test(source) && !/(?<!\\d)(?<!\\)\+/.test(source)

/** brace-expansion, a library, names its marks by random numbers when it is loaded. */
const RANDOM = /0\.\d{10,}/g

const getKey = ({ source, flags }: Expression): string => `/${source.replace(RANDOM, '0.RANDOM')}/${flags}`

async function prove({ source, flags }: Expression): Promise<Diagnostics> {
  return check(source, flags, { timeout: 100_000 })
}

const describeResult = (result: Diagnostics): string =>
  result.status === 'vulnerable' ? result.complexity.summary : 'no answer in time'

test('every expression that meets foreign text takes linear time', async () => {
  const built = await findBuilt()
  expect(built.length).toBeGreaterThan(30)
  const met = [...findLiterals(), ...built].filter(({ place }) => !COMMAND_LINE.test(place))
  expect(met.length).toBeGreaterThan(300)
  const proven = new Set<string>(isFull ? [] : JSON.parse(readFileSync(PROVEN_FILE, 'utf8')))
  const wrong: string[] = []
  const before = proven.size
  const expressions = new Map(met.map(one => [getKey(one), one]))
  for (const [key, expression] of expressions) {
    if (proven.has(key) || LINEAR_BY_HAND.has(key)) continue
    const result = await prove(expression)
    if (result.status === 'safe' || isBounded(expression, result) || repeatsOnlyDigits(expression)) proven.add(key)
    else wrong.push(`${expression.place} ${key}: ${describeResult(result)}`)
  }
  const kept = [...proven].filter(key => expressions.has(key)).sort()
  if (isKept) writeFileSync(PROVEN_FILE, `${JSON.stringify(kept, null, 2)}\n`)
  else if (proven.size > before)
    console.warn(`${proven.size - before} new proofs, each takes seconds: keep them with KMEMTOP_PROVE=1`)
  expect(wrong).toEqual([])
}, 3_600_000)
