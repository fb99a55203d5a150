// /sys/devices/system/node: memory of each NUMA node, where there are several. Follows drivers/base/node.c (node_read_meminfo).
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import type { Collector, CollectorReader, Host } from './collector.ts'

const ROOT = '/sys/devices/system/node'

/** Memory of one node, bytes by the kernel's names; `free` is MemFree over time. */
export interface NumaNode {
  readonly id: number
  readonly values: ReadonlyMap<string, number>
  readonly free: Series
}

/** All nodes; empty where there is one only. */
export interface Numa {
  readonly nodes: readonly NumaNode[]
}

/** Reads the memory of each NUMA node every 10 s, where there are several. */
export const numa: Collector<Numa> = {
  kind: 'file',
  title: 'memory of each NUMA node',
  optional: true,
  interval: 10_000,
  openReader: openNumaReader,
  empty: { nodes: [] },
  applyFiles: ({ nodes }, files, time) => {
    const after = new Map(nodes.map(node => [node.id, node]))
    for (const [path, text] of Object.entries(files)) {
      const id = Number(/\/node(\d+)\/meminfo$/.exec(path)?.[1])
      if (!Number.isInteger(id)) continue
      if (text === null) {
        after.delete(id)
        continue
      }
      const values = parseNodeMeminfo(text, path)
      const free = appendPoint(after.get(id)?.free ?? createSeries(300), time, values.get('MemFree') ?? 0)
      after.set(id, { id, values, free })
    }
    return { nodes: [...after.values()].sort((a, b) => a.id - b.id) }
  },
}

function openNumaReader(host: Host): CollectorReader {
  let paths: readonly string[] | undefined
  return () => {
    paths ??= listNodes(host)
    return Object.fromEntries(paths.map(path => [path, host.readFile(path)]))
  }
}

function listNodes(host: Host): readonly string[] {
  const names = host.listDirectory(ROOT).filter(name => /^node\d+$/.test(name))
  return names.length < 2 ? [] : names.map(name => `${ROOT}/${name}/meminfo`)
}

// Node 0 MemTotal:       24683656 kB
const LINE = /^Node \d+ ([\w()]+):\s+(\d+)( kB)?$/

/** Bytes by name; `HugePages_*` are counts. @throws ParseError without MemTotal */
export function parseNodeMeminfo(text: string, path: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const line of splitLines(text)) {
    const [, name, value, unit] = LINE.exec(line) ?? []
    if (name !== undefined) values.set(name, Number(value) * (unit ? 1024 : 1))
  }
  if (!values.has('MemTotal')) throw new ParseError(path, 1, 'Node 0 MemTotal: … kB', text)
  return values
}
