// Consumes lines of programs: what they were refused, what they killed, and the lines before that say for what and whom.

import type { KernelRecord } from '../kernel-record.ts'
import type { KilledBySignal, ProgramFailure, ProgramKill } from '../memory-event.ts'
import { CHOSEN_VICTIM } from './daemon-kills.ts'
import { parseKilledBySignal } from './killed-by-signal.ts'
import { parseProgramLine } from './program-failures.ts'
import { parseProgramKill } from './program-kills.ts'

/** What lines of programs said before, for the lines that follow. */
export interface ProgramContext {
  /** what the kubelet last said it evicts pods for: memory, ephemeral-storage; null: nothing yet */
  readonly evictsFor: string | null
  /** the process that nohang last named as the one to kill; null: none */
  readonly chosen: { readonly pid: number; readonly victim: string } | null
}

// "Eviction manager: attempting to reclaim" resourceName="ephemeral-storage"         Eviction manager: must evict pod(s) to reclaim memory
const EVICTS_FOR =
  /viction manager: (?:attempting to|must evict pod\(s\) to) reclaim[" ]*(?:resourceName=)?"?([\w.-]{1,100})/

/** Returns what a line adds for the lines that follow; the same object if it adds nothing. */
export function updateContext(context: ProgramContext, text: string): ProgramContext {
  const evictsFor = EVICTS_FOR.exec(text)?.[1]
  if (evictsFor !== undefined && evictsFor !== context.evictsFor) return { ...context, evictsFor }
  const victims = text.includes('badness') ? text.split('\n').flatMap(line => CHOSEN_VICTIM.exec(line) ?? []) : []
  const [, pid, victim] = victims
  return victim === undefined ? context : { ...context, chosen: { pid: Number(pid), victim } }
}

/** Parses a line of a program; undefined if it is not about memory. */
export function parseProgramEvent(
  { text, program }: KernelRecord,
  { evictsFor, chosen }: ProgramContext,
): ProgramFailure | ProgramKill | KilledBySignal | undefined {
  const details = parseProgramLine(text, program) ?? parseProgramKill(text, program) ?? parseKilledBySignal(text)
  if (details?.kind !== 'program-kill') return details
  const isEviction = /^evict/.test(details.action) && text.includes('viction manager')
  if (isEviction && evictsFor !== null && evictsFor !== 'memory') return undefined
  const isChosen = details.program === 'nohang' && chosen !== null && (details.pid ?? chosen.pid) === chosen.pid
  return isChosen && details.victim === null ? { ...details, ...chosen } : details
}
