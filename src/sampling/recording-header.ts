// Reads the header of a live session: the identity of the node, and its clocks at session time 0.
import { readFileSync } from 'node:fs'
import { availableParallelism, endianness } from 'node:os'
import { decodeUtf8 } from '../base/text.ts'
import type { Host, RecordingHeader } from '../collectors/collector.ts'

/** Reads the header of a live session. A value that cannot be read becomes `unknown`; never throws. */
export function readRecordingHeader(
  host: Host,
  clock: { readonly wallClock: number; readonly monotonic: number },
  interval: number,
  machine = { cpus: availableParallelism(), pageSize: getPageSize() },
): RecordingHeader {
  const readWord = (path: string): string => {
    try {
      return decodeUtf8(host.readFile(path).trim()) || 'unknown'
    } catch {
      return 'unknown'
    }
  }
  return {
    host: readWord('/proc/sys/kernel/hostname'),
    kernel: readWord('/proc/sys/kernel/osrelease'),
    bootId: readWord('/proc/sys/kernel/random/boot_id'),
    wallClock: clock.wallClock,
    monotonic: clock.monotonic,
    interval,
    ...machine,
  }
}

const AT_PAGESZ = 6n

// The kernel passes the page size to every process in its auxiliary vector: pairs of words.
function getPageSize(): number {
  try {
    const vector = readFileSync('/proc/self/auxv')
    const readNumber = (offset: number): bigint =>
      endianness() === 'LE' ? vector.readBigUInt64LE(offset) : vector.readBigUInt64BE(offset)
    for (let offset = 0; offset + 16 <= vector.length; offset += 16)
      if (readNumber(offset) === AT_PAGESZ) return Number(readNumber(offset + 8))
  } catch {}
  return 4096
}
