// A message of a log product that holds several lines of the kernel, as collectors put them together. Pure.
import { type LogLine, toKernelLine } from './log-line.ts'
import { parseLogLine } from './log-prefix.ts'

// Lines that are never the first of a record with further ones.
const OWN_RECORD = /^(?:<\d+>)?\[ *\d+\.\d{6}\]|Killed process \d| invoked oom-killer: |Tasks state \(|Mem-Info:/

/** The lines of the message, each as one of its own; the message itself where it is one record. */
export function splitMessage(message: LogLine, year: number): readonly LogLine[] {
  if (message.format !== 'json lines' || !message.text.includes('\n')) return [message]
  const [first = '', ...further] = message.text.split('\n')
  if (!further.some(line => OWN_RECORD.test(line))) return [message]
  const { format, facility, program, host } = message
  const inside = further.filter(Boolean).map(line => parseLogLine(line, year) ?? toKernelLine(line, { format }))
  // one time for lines of hours is that of an upload
  const wall = isLong([message, ...inside]) ? null : message.wall
  const lines = inside.map(own => ({
    ...own,
    format,
    wall: own.wall ?? wall,
    facility: facility || own.facility,
    program: program ?? own.program,
    ...(own.host === undefined && host !== undefined ? { host } : {}),
  }))
  const hasOwnTime = inside.some(own => own.wall !== null)
  return [{ ...message, wall: hasOwnTime ? message.wall : wall, text: first }, ...lines]
}

const MOST_SECONDS = 60 // of one report

function isLong(lines: readonly LogLine[]): boolean {
  const seconds = lines.flatMap(({ boot }) => boot ?? [])
  return seconds.length > 1 && seconds.at(-1)! - seconds[0]! > MOST_SECONDS
}
