// Why there is no kernel log on the screen: it cannot be read, or nothing of it was read so far; or a recording is
// still being read.
import { formatTimeOfDay } from '../base/format.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { History } from '../history.ts'

/** Returns the sentence for a session without a kernel log; undefined where it is read. */
export function describeMissingLog({ sources }: History): string | undefined {
  const { kmsg } = sources
  if (!kmsg) return 'the kernel log was not read so far (or --kmsg off)'
  if (!kmsg.error) return undefined
  return `the kernel log cannot be read (${kmsg.error}${kmsg.hint ? `: ${kmsg.hint}` : ''})`
}

/** Returns the sentence for a recording that is still being read; undefined where everything before the shown time was read. */
export const describeUnread = ({ session, knownSince }: History): string | undefined =>
  knownSince === undefined
    ? undefined
    : `what is before ${formatTimeOfDay(toWallTime(session, knownSince))} is being read`
