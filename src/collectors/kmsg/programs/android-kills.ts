// Parses what Android writes when it ends apps for lack of memory: lmkd, the old driver of the kernel, the events log, exit reasons.
import type { PatternTable } from '../../../base/match-patterns.ts'
import { createKillDetails as create, type KillDetails } from './kill-details.ts'

/** Lines of them, in order of precedence. */
export const ANDROID_KILLS: PatternTable<KillDetails> = [
  // lowmemorykiller: Killing 'com.example' (1234), adj 900, to free 50000kB      Kill 'com.example' (1234), uid 10010, oom_score_adj 900
  [
    /\bKill(?:ing)? '([^']{1,64})' \((\d+)\)(?:,| ).{0,40}adj \d+/,
    m => create('killed', { victim: m[1], pid: m[2], by: 'lowmemorykiller' }),
  ],
  // send sigkill to 1234 (com.example), adj 9, size 5000          the first drivers
  [
    /^(?:lowmemorykiller: )?send sigkill to (\d+) \((.{1,64})\), adj \d+/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'lowmemorykiller' }),
  ],
  // process=com.example reason=3 (LOW_MEMORY) subreason=0         dumpsys activity exit-info
  [/\bprocess=([\w.:-]{1,128}) reason=3 \(LOW_MEMORY\)/, m => create('killed', { victim: m[1], by: 'Android' })],
]

// am_kill: [user,pid,com.example.app,900,lmk]       and the memory it had since Android 14
const AM_KILL = /^\[\d+,(\d+),([^,]{1,128}),-?\d+,([^,[\]]{0,200})(?:,\d+)?\]$/
// Android ends apps for many reasons: too many of them, a setting, an update
const FOR_MEMORY = /\blmkd?\b|\blow[ -]?mem|\bswap low\b|\bmem(?:ory)?[ -]?(?:pressure|limit)/i
// killinfo: [pid,uid,oom_score_adj,…
const KILL_INFO = /^\[(\d+),\d+,-?\d+,\d+,\d+,/

/** Parses a line of the events log, where the tag says what the numbers are; undefined for another tag or reason. */
export function parseAndroidEvent(text: string, tag: string): KillDetails | undefined {
  if (tag === 'am_low_memory') return create('pressure', { by: 'Android' })
  if (tag === 'killinfo') {
    const pid = KILL_INFO.exec(text)?.[1]
    return pid === undefined ? undefined : create('killed', { pid, by: 'lowmemorykiller' })
  }
  const [, pid, victim, reason] = (tag === 'am_kill' && AM_KILL.exec(text)) || []
  return reason !== undefined && FOR_MEMORY.test(reason) ? create('killed', { victim, pid, by: 'Android' }) : undefined
}
