// What a line of a program says about a kill.
import { toNumber } from '../../../base/text.ts'
import type { ProgramKill } from '../memory-event.ts'

/** What a line says about a kill; `by`: the program that is known for such lines. */
export type KillDetails = Omit<ProgramKill, 'kind' | 'program'> & { readonly by?: string }

/** Builds it: what the line does not name is null. */
export const createKillDetails = (
  action: ProgramKill['action'],
  details: Partial<Record<'victim' | 'subject' | 'by', string | undefined>> & { readonly pid?: string | undefined },
): KillDetails => ({
  action,
  victim: details.victim ?? null,
  pid: toNumber(details.pid),
  subject: details.subject ?? null,
  ...(details.by === undefined ? {} : { by: details.by }),
})
