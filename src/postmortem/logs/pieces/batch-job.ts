// What Slurm prints of one job: seff and scontrol show job. Its number, how it ended, its memory. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import type { ReportedKill } from './kubectl-describe.ts'
import type { Snapshot } from './snapshots.ts'

type BatchJob = Extract<Snapshot, { kind: 'batch job' }>

/** The first line of `seff` or of `scontrol show job`. */
export const BATCH_JOB_BEGIN = /^Job ID: \d|^JobId=\d+ /
/** A further line of the same output. */
export const BATCH_JOB_LINE =
  /^(?:Array Job ID|Cluster|User\/Group|State|Nodes|Cores(?: per node)?|CPU \w+|Job Wall-clock time|Memory \w+): |^ {3}\w+=/

/** `seff JOB` or `scontrol show job JOB`. @throws ParseError without a number */
export function parseBatchJob(text: string): BatchJob {
  const id = /^(?:Job ID: |JobId=)(\d+)/.exec(text)?.[1]
  if (id === undefined) throw new ParseError('seff', 1, 'Job ID: 123456', text)
  const line =
    splitLines(text)
      .find(one => /^State: OUT_OF_MEMORY|\bJobState=OUT_OF_MEMORY\b/.test(one))
      ?.trim() ?? null
  const used = /^Memory Utilized: ([\d.]{1,12} [KMGTP]?B)/m.exec(text)?.[1] ?? null
  const asked = /^Memory Efficiency: [\d.]{1,12}% of ([\d.]{1,12} [KMGTP]?B)/m.exec(text)?.[1] ?? null
  return { kind: 'batch job', id, line, used, asked }
}

/** What Slurm reports of it. */
export function listJobKills({ id, line, used, asked }: BatchJob): readonly ReportedKill[] {
  if (line === null) return []
  const memory = [used && `used ${used}`, asked && `asked for ${asked}`].filter(Boolean).join(', ')
  const subject = `job ${id}${memory === '' ? '' : ` (${memory})`}`
  const event = { kind: 'program-kill', program: 'Slurm', action: 'reported', victim: null, pid: null } as const
  return [{ event: { ...event, subject }, text: line, wall: null }]
}
