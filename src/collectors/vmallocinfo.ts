// /proc/vmallocinfo: vmalloc memory by caller. Follows mm/vmalloc.c. Read rarely: the file is long and locked while it is read.
import { ParseError } from '../base/errors.ts'
import type { Collector } from './collector.ts'
import {
  type AllocationSum,
  createAllocatorReading,
  parseSumLines,
  sumByName,
  type TopAllocators,
} from './top-allocators.ts'

const PATH = '/proc/vmallocinfo'

export const vmallocinfo: Collector<TopAllocators> = {
  ...createAllocatorReading(PATH, parseVmallocinfo),
  title: 'vmalloc by caller',
  explainError: code =>
    code === 'EACCES' || code === 'EPERM' ? 'run as root: vmallocinfo is readable by root only' : undefined,
}

// 0x0000000050636da1-0x000000009ecbb11d   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
const LINE = /^0x[^\s-]+-0x[^\s-]+ +(\d+) ([^\s+]+)(?:\+\S*)? .*?\bpages=(\d+)/

/**
 * Parses bytes and areas by caller, without the guard page of each area, from the kernel's lines or from recorded sums.
 * @throws ParseError if no line can be parsed
 */
export function parseVmallocinfo(text: string): readonly AllocationSum[] {
  const sums = text.startsWith('0x') ? sumByName(parseAreas(text)) : sumByName(parseSumLines(text))
  if (sums.length === 0) throw new ParseError(PATH, 1, '0x…-0x… bytes caller', text)
  return sums
}

// Only areas with pages of their own hold memory: ioremap uses address space only, and `unpurged vm_area` is free already.
function* parseAreas(text: string): Generator<{ name: string; bytes: number; count: number }> {
  for (const line of text.split('\n')) {
    const [, bytes, caller, pages] = LINE.exec(line) ?? []
    if (bytes === undefined) continue
    yield { name: caller!, bytes: (Number(bytes) * Number(pages)) / (Number(pages) + 1), count: 1 }
  }
}
