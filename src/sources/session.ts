// What is fixed for a live session: who the node is, and what the clocks said at session time 0.
import { readFileSync } from 'node:fs'
import { availableParallelism, endianness } from 'node:os'
import type { Host, RecordingHeader } from '../collectors/collector.ts'

/** Reads the header of a live session. What cannot be read stays `unknown`; never throws. */
export function readSession(
  host: Host,
  clock: { readonly wallClock: number; readonly monotonic: number },
  interval: number,
): RecordingHeader {
  const word = (path: string): string => {
    try {
      return host.readFile(path).trim() || 'unknown'
    } catch {
      return 'unknown'
    }
  }
  return {
    host: word('/proc/sys/kernel/hostname'),
    kernel: word('/proc/sys/kernel/osrelease'),
    bootId: word('/proc/sys/kernel/random/boot_id'),
    wallClock: clock.wallClock,
    monotonic: clock.monotonic,
    interval,
    pageSize: pageSize(),
    cpus: availableParallelism(),
  }
}

const AT_PAGESZ = 6n

// The kernel hands the page size to every process in its auxiliary vector: pairs of two words.
function pageSize(): number {
  try {
    const vector = readFileSync('/proc/self/auxv')
    const word = (at: number): bigint =>
      endianness() === 'LE' ? vector.readBigUInt64LE(at) : vector.readBigUInt64BE(at)
    for (let at = 0; at + 16 <= vector.length; at += 16) if (word(at) === AT_PAGESZ) return Number(word(at + 8))
  } catch {}
  return 4096
}
