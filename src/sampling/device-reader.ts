// Drains the kernel log without blocking: /dev/kmsg, or a file in its place below a root.
import { constants, openSync, readSync } from 'node:fs'
import { getErrorCode } from '../base/errors.ts'
import { KiB, MiB } from '../base/units.ts'
import { closeAll } from './file-reader.ts'

/** Bytes of a line: a record is at most 2 KiB, and its prefix and dictionary fit into 8 KiB (kernel/printk/internal.h). */
export const MAX_RECORD_LINE = 8 * KiB
/**
 * Bytes read at once, of what was there before and later: a flood is read in pieces, so that the other sources get their turn,
 * and no faster than its records can be parsed.
 */
export const MAX_DRAIN = { first: 4 * MiB, later: 512 * KiB }

/** Cuts lines that no kernel wrote: a file in place of the device may be one line of gigabytes. */
class LineCutter {
  private length = 0

  cut(text: string): string {
    let kept = ''
    for (let begin = 0; begin < text.length; ) {
      const newline = text.indexOf('\n', begin)
      const end = newline < 0 ? text.length : newline
      const room = Math.max(0, MAX_RECORD_LINE - this.length)
      kept += text.slice(begin, Math.min(end, begin + room))
      if (newline >= 0) kept += '\n'
      this.length = newline < 0 ? Math.min(MAX_RECORD_LINE, this.length + end - begin) : 0
      begin = end + 1
    }
    return kept
  }
}

interface OpenDevice {
  readonly fd: number
  readonly lines: LineCutter
  /** the begin of a line whose end was not read yet */
  partialLine: string
}

/** Creates a reader of devices that return one record per read. Never blocks: a blocking read cannot be stopped and would hang the exit. */
export function createDeviceReader(resolvePath: (path: string) => string | Buffer): {
  drain(path: string): string
  close(): void
} {
  const buffer = Buffer.allocUnsafeSlow(16 * KiB)
  const devices = new Map<string, OpenDevice>()
  const open = (path: string): OpenDevice => {
    const fd = openSync(resolvePath(path), constants.O_RDONLY | constants.O_NONBLOCK)
    const device = { fd, lines: new LineCutter(), partialLine: '' }
    devices.set(path, device)
    return device
  }
  const drain = (path: string): string => {
    const known = devices.get(path)
    const device = known ?? open(path)
    const maxBytes = known ? MAX_DRAIN.later : MAX_DRAIN.first
    let text = device.partialLine
    device.partialLine = ''
    for (let bytes = 0; bytes < maxBytes; ) {
      const count = readOnce(device.fd, buffer)
      if (count === 'empty') return text
      bytes += count === 'again' ? KiB : count // a file that gives nothing but EINVAL is not asked for ever
      if (count === 'again') continue
      text += device.lines.cut(buffer.toString('latin1', 0, count))
    }
    const lineBegin = text.lastIndexOf('\n') + 1
    const end = text.length - lineBegin < MAX_RECORD_LINE ? lineBegin : text.length // a line that was cut is reported as it is
    device.partialLine = text.slice(end)
    return text.slice(0, end)
  }
  return { drain, close: () => closeAll(new Map([...devices].map(([path, { fd }]) => [path, fd]))) }
}

function readOnce(fd: number, buffer: Buffer): number | 'again' | 'empty' {
  try {
    return readSync(fd, buffer, 0, buffer.length, null) || 'empty'
  } catch (error) {
    const code = getErrorCode(error)
    if (code === 'EAGAIN') return 'empty'
    if (code === 'EPIPE' || code === 'EINVAL' || code === 'EINTR') return 'again' // overrun: the next sequence number shows how many were lost
    throw error
  }
}
