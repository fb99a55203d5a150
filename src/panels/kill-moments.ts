// What a cgroup used when the kernel killed at its limit. Samples rarely meet these moments; the reports of the kernel log name them.
import { insertMoment, type Series } from '../base/series.ts'
import type { History } from '../history.ts'

const MAX_MOMENTS = 20 // the newest ones; each of them copies the series

/** Returns the memory of a cgroup with what it used at its latest kills. */
export function insertKillMoments({ kmsg }: History, path: string, series: Series): Series {
  const kills = kmsg.oomKills.filter(({ oomMemcg, memory }) => oomMemcg === path && memory)
  return kills
    .slice(-MAX_MOMENTS)
    .reduce((known, { time, memory }) => (memory ? insertMoment(known, time, memory.usage) : known), series)
}
