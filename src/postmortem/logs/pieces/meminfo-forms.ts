// /proc/meminfo as people and tools write it: with tabs, as CSV or JSON, on one line, with names of files, of single NUMA nodes. Pure.
import { ParseError } from '../../../base/errors.ts'
import { KiB } from '../../../base/units.ts'
import type { Snapshot } from './snapshots.ts'

const SURE_NAME = 'MemTotal|MemFree|MemAvailable|SwapTotal|SwapFree|SReclaimable|SUnreclaim|KReclaimable|Committed_AS'
const NAME =
  'Buffers|Cached|SwapCached|(?:Inact|Act)ive(?:\\((?:anon|file)\\))?|Slab|AnonPages|AnonHugePages|PageTables|Percpu|CommitLimit|Hugetlb'
// /proc/meminfo:MemTotal: …        Node 0 MemTotal: …        {"MemTotal": …
const BEFORE = '[{"\' ]{0,8}(?:(?:[\\w./-]{0,80}\\/)?meminfo:)?(?:Node \\d+[, ]+)?["\']?'
const BETWEEN = '["\']?(?:\\s{0,40}[:=,;|]\\s{0,40}|\\t[ \\t]{0,40}| {1,40})["\']?'
const KILOBYTES = '["\']?[ \\t,;|]{1,20}["\']?[kK]i?B'

/** The first line: a name with kB, or one that nothing else has. */
export const MEMINFO_BEGIN = new RegExp(
  `^${BEFORE}(?:(?:${SURE_NAME})${BETWEEN}\\d+|(?:${NAME})${BETWEEN}\\d+${KILOBYTES}|HugePages_Total${BETWEEN}\\d+$)`,
)

/** Any further line. */
export const MEMINFO_LINE = new RegExp(
  `^${BEFORE}[A-Z][\\w()]{1,40}${BETWEEN}\\d+(?:${KILOBYTES})?(?:[ \\t"',;|}].*)?$`,
)

const FIELD = new RegExp(
  `(?:Node (\\d+)[, ]{1,8})?(?<![\\w-])["']?([A-Z][\\w()]{1,40})${BETWEEN}(\\d{1,18})(${KILOBYTES})?(?![\\w.])`,
  'g',
)
const COUNTS = /^HugePages_/
/** Names in /proc/PID/smaps, which has AnonHugePages too. */
const SMAPS = /^(?:Rss|Pss|Locked|SwapPss|(?:Shared|Private)_Hugetlb|(?:Kernel|MMU)PageSize)$/

/**
 * Reads meminfo in any of these forms. Numbers without a unit are in kB, as the file has them. Of the files of single NUMA nodes
 * the sum is taken. Undefined for lines of smaps. @throws ParseError without a number
 */
export function parseMeminfoForms(text: string): Extract<Snapshot, { kind: 'meminfo' }> | undefined {
  const perNode = new Map<string, Map<string, number>>()
  for (const [, node = '', name = '', digits, unit] of text.matchAll(FIELD)) {
    const scale = unit === undefined && COUNTS.test(name) ? 1 : KiB
    const values = perNode.get(name) ?? new Map<string, number>()
    perNode.set(name, values.set(node, Number(digits) * scale))
  }
  if (perNode.keys().some(name => SMAPS.test(name))) return undefined
  if (perNode.size === 0) throw new ParseError('/proc/meminfo', 1, 'MemTotal: 16316412 kB', text)
  const sum = (values: ReadonlyMap<string, number>): number => values.values().reduce((all, value) => all + value, 0)
  // a file of the whole node outweighs those of its parts
  const entries = Array.from(perNode, ([name, values]) => [name, values.get('') ?? sum(values)] as const)
  const nodes = new Set([...perNode.values()].flatMap(values => (values.has('') ? [] : [...values.keys()])))
  return {
    kind: 'meminfo',
    values: Object.fromEntries(entries),
    ...(nodes.size > 0 && !perNode.get('MemTotal')?.has('') ? { nodes: [...nodes] } : {}),
  }
}
