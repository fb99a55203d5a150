// The schema of `kmemtop analyze --json`, as docs/saved-logs.md describes it. Keys may be added, none may go or change its type.
import * as v from 'valibot'

const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const number = v.number()
const text = v.string()
const limit = v.union([number, v.literal('max')])
const counters = v.record(text, number)

const located = {
  time: nullable(v.pipe(text, v.isoTimestamp())),
  bootSeconds: nullable(number),
  boot: number,
  host: nullable(text),
  source: v.strictObject({ file: text, line: number }),
}

const victim = v.strictObject({
  pid: number,
  comm: text,
  uid: nullable(number),
  totalVm: nullable(number),
  anonRss: nullable(number),
  fileRss: nullable(number),
  shmemRss: nullable(number),
  pgtables: nullable(number),
  oomScoreAdj: nullable(number),
})

const charge = nullable(v.strictObject({ usage: number, limit, failcnt: number }))

const kill = v.strictObject({
  ...located,
  constraint: nullable(text),
  nodes: nullable(text),
  global: nullable(v.boolean()),
  complete: v.boolean(),
  sysrq: nullable(v.boolean()),
  invoker: nullable(
    v.strictObject({
      comm: text,
      pid: nullable(number),
      gfpMask: text,
      gfp: text,
      order: number,
      oomScoreAdj: nullable(number),
    }),
  ),
  oomMemcg: nullable(text),
  taskMemcg: nullable(text),
  oomGroup: nullable(text),
  victim,
  alsoKilled: v.array(victim),
  usage: nullable(number),
  limit: nullable(limit),
  failcnt: nullable(number),
  kmem: charge,
  swap: v.optional(charge),
  memorySwap: v.optional(charge),
  stat: nullable(counters),
  tasks: v.array(v.objectWithRest({ pid: number, comm: text }, number)),
  unreclaimableSlab: v.array(v.strictObject({ name: text, used: number, total: number })),
  memInfo: nullable(v.looseObject({ pages: counters, zones: v.array(v.looseObject({ name: text })) })),
  pageSize: nullable(number),
  likely: v.array(text),
  relayed: nullable(v.strictObject({ program: nullable(text) })),
  pod: nullable(v.looseObject({ podUid: nullable(text), containerId: nullable(text) })),
  reaped: v.boolean(),
  witnesses: v.array(text),
  logLines: nullable(v.strictObject({ first: number, last: number })),
})

const unread = v.strictObject({
  count: number,
  examples: v.array(v.strictObject({ file: text, line: number, text })),
})

const remedy = v.strictObject({
  text,
  command: v.optional(text),
  risk: v.picklist(['none', 'low', 'medium', 'high']),
})

/** The whole answer. */
export const analyzeSchema = v.strictObject({
  oomKills: v.array(kill),
  events: v.array(v.looseObject({ ...located, kind: text, text })),
  relayedKills: v.array(kill),
  unread,
  findings: v.array(
    v.strictObject({
      name: v.pipe(text, v.regex(/^[a-z0-9-]+$/)),
      title: text,
      severity: v.picklist(['info', 'warning', 'critical']),
      certainty: v.picklist(['certain', 'likely', 'possible']),
      summary: text,
      evidence: v.array(text),
      remedy: v.array(remedy),
    }),
  ),
  missing: v.array(v.strictObject({ evidence: text, why: text, command: text })),
  boots: v.array(v.looseObject({ kernel: nullable(text), from: nullable(text), to: nullable(text), file: text })),
  suppressedReports: number,
  notListed: v.strictObject({ oomKills: number, events: number }),
  inputs: v.array(
    v.strictObject({
      file: text,
      format: nullable(text),
      records: number,
      skipped: nullable(text),
      untrustedLines: number,
      hearsay: number,
      guessedYear: v.optional(v.strictObject({ year: number, from: text })),
      unread,
      pieces: v.array(v.strictObject({ kind: text, first: number, last: number, problem: nullable(text) })),
    }),
  ),
})
