// What `systemctl status` prints of a unit: its name, how it ended, its memory. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../../base/text.ts'
import { parseTimestamp } from '../lines/timestamp.ts'
import type { ReportedKill } from './kubectl-describe.ts'
import type { Snapshot } from './snapshots.ts'

type UnitStatus = Extract<Snapshot, { kind: 'unit status' }>

/** The first line, in latin1: a mark, the name of the unit, its description. */
export const UNIT_STATUS_BEGIN =
  /^(?:[\x80-\xff]{2,3}|\*) [\w@:.\\-]{1,256}\.(?:service|scope|slice|mount|socket|timer|target)(?: - |$)/
/** An indented line below the name of a unit. */
export const UNIT_STATUS_LINE =
  /^ {3,}\S|^ {1,2}(?:Main PID|Process|Drop-In|Triggers|TriggeredBy|Status|Control|CGroup): /

/** `systemctl status UNIT`. @throws ParseError without the name */
export function parseUnitStatus(text: string): UnitStatus {
  const lines = splitLines(decodeUtf8(text))
  const unit = /^\S+ (\S+)/.exec(lines[0] ?? '')?.[1]
  if (unit === undefined) throw new ParseError('systemctl status', 1, '● NAME.service', text)
  const line = lines.find(one => /^\s*Active: .*\(Result: oom-kill\)/.test(one))?.trim() ?? null
  const [, memory = null, limit = null] =
    /^\s*Memory: (\S+)(?: \((?:.*\b)?(?:max|limit): (\S+?)[ )])?/m.exec(lines.join('\n')) ?? []
  const since = / since (?:\w+ )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S{1,8}?)(?:;|$)/.exec(line ?? '')?.[1]
  const wall = since === undefined ? null : (parseTimestamp(`${since} `, 0)?.wall ?? null)
  return { kind: 'unit status', unit, line, wall, memory, limit }
}

/** What systemd reports in it. */
export function listUnitKills({ unit, line, wall, limit }: UnitStatus): readonly ReportedKill[] {
  if (line === null) return []
  const subject = `${unit}${limit === null ? '' : ` (limit ${limit})`}`
  const event = { kind: 'program-kill', program: 'systemd', action: 'reported', victim: null, pid: null } as const
  return [{ event: { ...event, subject }, text: line, wall }]
}
