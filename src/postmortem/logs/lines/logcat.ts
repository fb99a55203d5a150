// Lines of Android's logcat and Tizen's dlog. Pure.
import { type LogLine, toKernelLine, toProgramLine } from './log-line.ts'

// 11-23 22:00:00.123     0     0 W kernel  : text       W/kernel  (    0): text       Android and Tizen
const LOGCAT =
  /^(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:[+-]\d{4})? +(?:[a-z]\w* +)?(\d+) +\d+ [VDIWEF] ([^:]{0,60}): /
const LOGCAT_BRIEF =
  /^(?:(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:[+-]\d{4})? +)?[VDIWEF]\/([^(:]{0,60})\( *P? *(\d+)(?:, *T? *\d+)?\): /

/** A line of logcat; undefined when it is none. The kernel has no tag, or its own, and the pid 0. */
export function parseLogcat(rest: string, year: number): LogLine | undefined {
  const long = LOGCAT.exec(rest)
  const match = long ?? LOGCAT_BRIEF.exec(rest)
  if (!match) return undefined
  const [pid, tag] = long ? [match[6]!, match[7]!] : [match[7]!, match[6]!]
  const wall =
    match[1] === undefined
      ? null
      : new Date(year, Number(match[1]) - 1, Number(match[2]), Number(match[3]), Number(match[4])).getTime() +
        Math.round(Number(match[5]) * 1000)
  const name = tag.trim()
  const isKernel = /^(?:|kernel)$/i.test(name) && Number(pid) === 0
  const text = rest.slice(match[0].length)
  const prefix = { format: 'logcat', wall }
  return isKernel ? toKernelLine(text, prefix) : toProgramLine(text, name, pid, prefix)
}
