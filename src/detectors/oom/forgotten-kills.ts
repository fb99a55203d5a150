// OOM kills before the first sample that the kernel counted, and of which its log has no record: overwritten, or never printed.
import { formatCount } from '../../base/format.ts'
import { MAX_OOM_KILLS } from '../../collectors/kmsg/kernel-log.ts'
import { MAX_COUNTED_KILLS } from '../../collectors/vmstat.ts'
import type { History } from '../../history.ts'
import { CLOCK_TOLERANCE } from './unlogged-kills.ts'

/**
 * Counts the OOM kills since boot before the session of which no record was read. 0 also where that is not known: before Linux
 * 4.13, which does not count them (`oom_kill` of /proc/vmstat), in a recording of which only a part was read, and after more kills
 * than are kept.
 */
export function countForgottenKills({ vmstat, kmsg, knownSince }: History): number {
  const { oom_kill: total } = vmstat.counters
  const isComplete =
    knownSince === undefined && kmsg.oomKills.length < MAX_OOM_KILLS && vmstat.kills.length < MAX_COUNTED_KILLS
  if (total === undefined || !isComplete) return 0
  const counted = vmstat.kills.reduce((sum, { count }) => sum + count, 0)
  const logged = kmsg.oomKills
    .filter(({ time }) => time <= CLOCK_TOLERANCE)
    .reduce((sum, { killedLines }) => sum + killedLines, 0)
  return Math.max(0, total - counted - logged)
}

/** Returns the sentence about them; undefined where there are none. */
export function describeForgottenKills(history: History): string | undefined {
  const forgotten = countForgottenKills(history)
  const total = history.vmstat.counters.oom_kill ?? 0
  if (forgotten === 0) return undefined
  const share = forgotten === total ? formatCount(total) : `${formatCount(forgotten)} of ${formatCount(total)}`
  const kills = total === 1 ? 'OOM kill' : 'OOM kills'
  return `${share} ${kills} since boot: ${describeLog(history)}, so when and which process is not known`
}

const describeLog = ({ sources }: History): string =>
  sources.kmsg === undefined || sources.kmsg.okAt === null
    ? 'the kernel log was not read'
    : 'no record in the kernel log that was read'
