// /proc/uptime: seconds since boot, including time in suspend (CLOCK_BOOTTIME).
import { ParseError } from '../base/errors.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/uptime'

/** Session time at which the node booted (ms, negative); undefined until known. */
export interface Uptime {
  readonly bootedAt?: number
}

/** Reads /proc/uptime every 10 s. */
export const uptime: Collector<Uptime> = {
  kind: 'file',
  nameless: true,
  title: 'time since boot',
  interval: 10_000,
  openReader: host => createFileReader(host, PATH),
  empty: {},
  applyFiles: (_, files, time) => ({ bootedAt: time - parseUptime(files[PATH] ?? '') * 1000 }),
}

// 57419.01 12.3; a longer number is no time since a boot
const SECONDS = /^\d{1,10}(?:\.\d*)?(?=\s|$)/

/** Parses the seconds since boot. @throws ParseError if the first word is not a number of at most 300 years */
export function parseUptime(text: string): number {
  const seconds = SECONDS.exec(text)?.[0]
  if (seconds === undefined) throw new ParseError(PATH, 1, 'seconds since boot', text)
  return Number(seconds)
}
