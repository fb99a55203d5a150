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
  const { format, wall, facility, program } = message
  const lines = further.filter(Boolean).map(line => {
    const own = parseLogLine(line, year) ?? toKernelLine(line, { format, wall })
    return {
      ...own,
      format,
      wall: wall ?? own.wall,
      facility: facility || own.facility,
      program: program ?? own.program,
    }
  })
  return [{ ...message, text: first }, ...lines]
}
