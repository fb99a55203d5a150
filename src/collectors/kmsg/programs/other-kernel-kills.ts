// Parses what the kernels of FreeBSD, NetBSD and macOS write when they end a process for lack of memory.
import type { PatternTable } from '../../../base/match-patterns.ts'
import { createKillDetails as create, type KillDetails } from './kill-details.ts'

/** Lines of them, in order of precedence. */
export const OTHER_KERNEL_KILLS: PatternTable<KillDetails> = [
  // pid 5121 (mysqld), jid 3, uid 88, was killed: failed to reclaim memory          FreeBSD: out of swap space, a thread waited …
  [
    /^pid (\d+) \((.{1,32})\),(?: jid \d+,)? uid \d+, was killed: (?:failed to reclaim memory|out of swap space|a thread waited too long)/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'FreeBSD' }),
  ],
  // UVM: pid 4705.1 (ctest), uid 0 killed: out of swap
  [
    /^UVM: pid (\d+)(?:\.\d+)? \((.{1,32})\), uid \d+ killed: out of swap/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'NetBSD' }),
  ],
  // low swap: killing largest compressed process with pid 47311 (Python) and size 37411 MB
  [
    /^low swap: killing largest compressed process with pid (\d+) \((.{1,64}?)\) and size/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'macOS' }),
  ],
  // memorystatus: killing_top_process pid 512 [MobileSafari] (per-process-limit 100) - memorystatus_available_pages: 6321
  [
    /\bmemorystatus: killing\w{0,40} (?:process |pid )(\d+) \[([^\]]{1,64})\]/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'macOS' }),
  ],
]
