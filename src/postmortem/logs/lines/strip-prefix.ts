// What tools put before a line of a log that was copied around: grep's names and numbers, quotes, prefixes of kubectl. Pure.
import type { LogLine } from './log-line.ts'
import { parseLogLine } from './log-prefix.ts'

const PREFIXES: readonly RegExp[] = [
  /^(?:> ?)+(?=\S)/, // a mail, or an issue
  /^[ \t]+(?:\d+[ \t]+)?(?=\S)/, // indented; less -N, cat -n
  /^\d+[:-](?=\D)/, // grep -n
  /^(?:\.{0,2}\/)?[\w.@+-]*(?:\/[\w.@+-]+)+[:-](?:\d+[:-])?(?=[[<A-Z\d])/, // grep -H: /var/log/messages:Nov 23 …
  /^(?:messages|syslog|kern\.log|dmesg|console)[\w.-]{0,100}[:-](?:\d{1,12}[:-])?(?=[[<A-Z\d])/, // the same in their own folder
  /^\[pod\/[^\]\s]+\] /, // kubectl logs --prefix
  // anything short before the kernel's own stamp: node-7 | [ 1234.567890] text; the end of a line that a console tore
  /^[^[\]"{]{1,80}?(?=(?:<\d+>)?\[ *\d+\.\d{6}\](?:\[| {1,2}\S))/,
]

// A line without its wrapping, each in turn; nothing when it has none.
function stripPrefixes(line: string): readonly string[] {
  return PREFIXES.flatMap(pattern => {
    const found = pattern.exec(line)
    return found ? [line.slice(found[0].length)] : []
  })
}

/** Parses a line that a product wrapped: the prefixes are stripped one after the other. Undefined if no log line is inside. */
export function parseWrapped(line: string, year: number): LogLine | undefined {
  for (const inside of stripPrefixes(line)) {
    const parsed = parseLogLine(inside, year)
    if (parsed) return { ...findNode(line, inside), ...parsed }
  }
  return undefined
}

// node-7: [ 1234.567890] text        pdsh and clush put the name of a machine before each line
function findNode(line: string, inside: string): Pick<LogLine, 'host'> {
  const name = /^([A-Za-z\d][\w.-]{0,252}): $/.exec(line.slice(0, -inside.length))?.[1]
  return name === undefined ? {} : { host: name }
}

/** True when a line begins with a stamp, a priority or a tag of its own. */
export const isStamped = (line: string): boolean =>
  parseLogLine(line, 1970) !== undefined || parseWrapped(line, 1970) !== undefined
