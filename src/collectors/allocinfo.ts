// /proc/allocinfo: memory by line of kernel code. Follows Documentation/mm/allocation-profiling.rst (since 6.10).
import { ParseError } from '../base/errors.ts'
import type { Collector } from './collector.ts'
import {
  type AllocationSum,
  createAllocatorReading,
  parseSumLines,
  sumByName,
  type TopAllocators,
} from './top-allocators.ts'

const PATH = '/proc/allocinfo'

export const allocinfo: Collector<TopAllocators> = {
  ...createAllocatorReading(PATH, parseAllocinfo),
  nameless: true,
  title: 'memory by line of kernel code',
  explainError: code => {
    if (code === 'ENOENT') return NO_PROFILING
    return code === 'EACCES' || code === 'EPERM' ? 'run as root: allocinfo is readable by root only' : undefined
  },
}

const NO_PROFILING =
  'no allocation profiling: needs Linux 6.10 with CONFIG_MEM_ALLOC_PROFILING, and sysctl.vm.mem_profiling=1 at boot'

// allocinfo - version: 1.0
// #     <size>  <calls> <tag info>
//       331776       81 mm/slub.c:2424 func:alloc_slab_page
/** Parses bytes and calls by `file:line func:name`, largest first. @throws ParseError if no line can be parsed */
export function parseAllocinfo(text: string): readonly AllocationSum[] {
  const sums = sumByName([...parseSumLines(text)].filter(({ bytes }) => bytes > 0))
  if (sums.length === 0) throw new ParseError(PATH, 3, 'bytes calls file:line func:name', text)
  return sums
}
