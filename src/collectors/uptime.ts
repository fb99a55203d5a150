// /proc/uptime: seconds since boot, time in suspend included (CLOCK_BOOTTIME).
import { ParseError } from '../base/errors.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/uptime'

/** Session time (ms, negative) at which the node booted; undefined until known. */
export interface Uptime {
  readonly bootedAt?: number
}

export const uptime: Collector<Uptime> = {
  title: 'time since boot',
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: {},
  applyFiles: (_, files, time) => ({ bootedAt: time - parseUptime(files[PATH] ?? '') * 1000 }),
}

/** Seconds since boot. @throws ParseError when the first word is no number */
export function parseUptime(text: string): number {
  const seconds = Number.parseFloat(text)
  if (!Number.isFinite(seconds)) throw new ParseError(PATH, 1, 'seconds since boot', text)
  return seconds
}
