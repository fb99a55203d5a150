// How often `kmemtop run` is right about a leaking server and its fixed twin, beside what other rules say about the same runs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canMakeGroup } from '../test/helpers/trouble/memory-tree.ts'
import type { Bench, Row, Settings } from './bench.ts'
import { type LeakyCase, type LeakyResult, runLeakyServer } from './leaky-server.ts'

const SHORT = ['-i', '250ms', '--control', '2s', '--settle', '2s']

type Kind = Omit<LeakyCase, 'isFixed'> & { readonly name: string }

const createKind = (kind: string, more: Partial<Kind> = {}): Kind => ({
  name: kind,
  kind,
  hasNeighbour: false,
  requests: 400,
  repeat: 7,
  options: SHORT,
  ...more,
})

const KINDS: readonly Kind[] = [
  createKind('sockets', { requests: 600 }), // with 200 the garbage of its heap was not collected in each execution
  createKind('eventfds', { requests: 200 }),
  createKind('pipes', { requests: 50 }),
  createKind('inotify', { requests: 100 }), // a small node allows some 7,000 watches of a user
  createKind('tmpfs'),
  createKind('cgroups', { requests: 200 }),
  createKind('pagetables'),
  createKind('heap', { requests: 1200 }), // more fill its heap, fewer leave less behind than its garbage
  createKind('slow', { requests: 200, repeat: 14 }),
  createKind('warmup'),
  createKind('sawtooth', { requests: 1000 }),
  createKind('heap', { name: 'heap-neighbour', hasNeighbour: true, requests: 1200 }),
]

/** Rules that people use in pipelines, on the resident memory of the server. */
const RULES: Readonly<Record<string, (server: LeakyResult['server']) => boolean>> = {
  'end > start': ({ before, after }) => after > before * 1.01,
  '>10% and >20 MB': ({ before, after }) => after > before * 1.1 && after - before > 20e6,
  'max > 2x start': ({ before, max }) => max > 2 * before,
}

async function run(settings: Settings) {
  const reason = process.getuid?.() === 0 ? canMakeGroup() : 'it needs root'
  const title = 'Right verdicts about a leaking server and its fixed twin'
  if (reason !== undefined) return { title, notes: [`not measured: ${reason}`], rows: [] }
  const folder = mkdtempSync(join(tmpdir(), 'kmemtop-loadtest-'))
  const rows: Row[] = []
  try {
    for (const kind of selectKinds(settings.kinds))
      for (const isFixed of [false, true]) rows.push(await measure({ ...kind, isFixed }, settings, folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
  return {
    title,
    notes: ['Each cell: right verdicts. The rules are applied to the resident memory of the server in the same runs.'],
    rows,
  }
}

function selectKinds(names: readonly string[]): readonly Kind[] {
  return names.length === 0 ? KINDS : KINDS.filter(({ name }) => names.includes(name))
}

async function measure(one: Kind & LeakyCase, { runs, progress }: Settings, folder: string): Promise<Row> {
  const results: LeakyResult[] = []
  for (let i = 1; i <= runs; i++) {
    progress(`loadtest ${one.name}${one.isFixed ? ', fixed' : ''}, run ${i} of ${runs}`)
    const result = await runLeakyServer(one, folder)
    results.push(result)
    progress(`loadtest ${one.name}${one.isFixed ? ', fixed' : ''}: ${result.report.summary}\n`)
  }
  const count = (isRight: (result: LeakyResult) => boolean): string => `${results.filter(isRight).length}/${runs}`
  const wanted = one.isFixed ? 'returned' : 'leaks'
  const others = Object.entries(RULES).map(([name, isLeak]) => [
    name,
    count(({ server }) => isLeak(server) !== one.isFixed),
  ])
  return {
    server: one.name,
    twin: one.isFixed ? 'fixed' : 'leaks',
    kmemtop: count(({ report }) => report.outcome === wanted),
    'cannot tell': count(({ report }) => report.outcome === 'cannot tell'),
    ...Object.fromEntries(others),
    ...describeWrong(results, wanted),
  }
}

// What was said instead, once.
function describeWrong(results: readonly LeakyResult[], wanted: string): Row {
  const wrong = results.find(({ report }) => report.outcome !== wanted)
  return wrong ? { note: wrong.report.summary } : {}
}

/** Verdicts on load tests. */
export const loadtest: Bench = { about: 'right verdicts of `kmemtop run` about leaking servers (root)', run }
