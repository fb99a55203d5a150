// /proc/vmallocinfo: who holds how much of vmalloc space, by caller. Follows mm/vmalloc.c. Long and locked while it is read: rarely.
import { ParseError } from '../base/errors.ts'
import type { Collector } from './collector.ts'
import {
  NO_ALLOCATORS,
  parseSumLines,
  sumByName,
  type TopAllocators,
  truncateSums,
  updateTopAllocators,
} from './top-allocators.ts'

const PATH = '/proc/vmallocinfo'

export const vmallocinfo: Collector<TopAllocators> = {
  title: 'vmalloc by caller',
  optional: true,
  interval: 60_000,
  // kept is the sum by caller: the addresses say nothing, and there may be a line for each thread
  openReader: host => () => ({ [PATH]: truncateSums(parseVmallocinfo(host.readFile(PATH))) }),
  empty: NO_ALLOCATORS,
  applyFiles: (state, files, time) => {
    const text = files[PATH]
    return text ? updateTopAllocators(state, parseVmallocinfo(text), time) : state
  },
  explainError: code =>
    code === 'EACCES' || code === 'EPERM' ? 'run as root: vmallocinfo is readable by root only' : undefined,
}

// 0x0000000050636da1-0x000000009ecbb11d   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
const LINE = /^0x\S+-0x\S+ +(\d+) ([^\s+]+)\S* .*?\bpages=(\d+)/

/**
 * Bytes and areas by caller, the guard page of each area taken off.
 * Takes the kernel's lines and the sums that are recorded. @throws ParseError without a good line
 */
export function parseVmallocinfo(text: string): ReturnType<typeof sumByName> {
  const sums = text.startsWith('0x') ? sumByName(parseAreas(text)) : sumByName(parseSumLines(text))
  if (sums.length === 0) throw new ParseError(PATH, 1, '0x…-0x… bytes caller', text)
  return sums
}

// Only areas with pages of their own hold memory: ioremap takes address space, `unpurged vm_area` is given back already.
function* parseAreas(text: string): Generator<{ name: string; bytes: number; count: number }> {
  for (const line of text.split('\n')) {
    const [, bytes, caller, pages] = LINE.exec(line) ?? []
    if (bytes === undefined) continue
    yield { name: caller!, bytes: (Number(bytes) * Number(pages)) / (Number(pages) + 1), count: 1 }
  }
}
