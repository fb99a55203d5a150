// Parses what daemons write that kill before the kernel has to: systemd-oomd, earlyoom, nohang, oomd, and workers of Python.
import type { PatternTable } from '../../../base/match-patterns.ts'
import { createKillDetails as create, type KillDetails } from './kill-details.ts'

/** Lines of them, in order of precedence. */
export const DAEMON_KILLS: PatternTable<KillDetails> = [
  // Killed /user.slice/…/app-x.scope due to memory pressure for /user.slice/… being 71.22% > 50.00% for > 20s with reclaim activity
  [
    /\bKilled (\/\S+) due to (?:memory (?:pressure|used)|swap used)/,
    m => create('killed', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // Marked /system.slice/app.service for killing due to memory pressure for /system.slice being 85.03% > 80.00% for > 2s …
  [
    /\bMarked (\/\S+) for killing due to (?:memory (?:pressure|used)|swap used)/,
    m => create('killed', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // app-x.scope: systemd-oomd killed 12 process(es) in this unit.         … killed some process(es) in this unit.
  [
    /(?:^|\s)(\S+): systemd-oomd killed (?:\d+|some) process/,
    m => create('killed', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // Memory pressure for /user.slice is 61.10% > 50.00% for > 20s with reclaim activity
  [
    /^Memory pressure for (\/\S{0,512}) is (?:[\d.]+% > |greater than )/,
    m => create('pressure', { subject: m[1], by: 'systemd-oomd' }),
  ],
  // Under memory pressure, flushing caches.
  [/^Under memory pressure, flushing caches/, () => create('pressure', { by: 'systemd-journald' })],
  [/^Memory used \(\d+\) \/ total \(\d+\) and swap used /, () => create('pressure', { by: 'systemd-oomd' })],
  // low memory! at or below SIGTERM limits: mem 10.00%, swap 10.00%
  [/\b[lL]ow [mM]emory! [aA]t or below SIG(?:TERM|KILL)/, () => create('pressure', { by: 'earlyoom' })],
  // sending SIGTERM to process 4410 uid 1001 "blender": oom_score 790, VmRSS 5520 MiB        nohang: Sending SIGKILL to …
  [
    /\b[sS]ending SIG(?:TERM|KILL) to (?:the )?(?:process|victim):? (\d+)(?: uid \d+)?(?: ["(]([^")]{1,64})[")])?/,
    m => create('killed', { victim: m[2], pid: m[1] }),
  ],
  // killing process 27541 "bash" with signal 15: badness 550, VmRSS 7609 MiB
  [
    /\b[kK]illing process (\d+)(?: uid \d+)? "([^"]{1,64})" with signal \d+/,
    m => create('killed', { victim: m[2], pid: m[1], by: 'earlyoom' }),
  ],
  // Killing process: java, pid: 2201, badness: 410, VmRSS: 4100 MiB
  [
    /\b[kK]illing process: (.{1,64}), pid: (\d+), badness/,
    m => create('killed', { victim: m[1], pid: m[2], by: 'earlyoom' }),
  ],
  // Killing process 'tail' with signal 15, pid: 24059, badness: 997, VmRSS: 4278 MiB
  [
    /\b[kK]illing process '([^']{1,64})' with signal \d+, pid: (\d+)/,
    m => create('killed', { victim: m[1], pid: m[2], by: 'earlyoom' }),
  ],
  // mem avail:    56 of 15881 MiB ( 0.35%), swap free: 2555 of 4095 MiB (62.38%)          the state that earlyoom prints now and then
  [/^mem avail: +\d+ of +\d+ MiB \( *[0-4]\.\d+ ?%\)/, () => create('pressure', { by: 'earlyoom' })],
  // oomd kill: 82.92 51.11 14.06 system.slice/hack.service 3000242176 ruleset:[…] …          Trying to kill /sys/fs/cgroup/…
  [/\boomd kill: [\d.]+ [\d.]+ [\d.]+ (\S{1,512}) \d/, m => create('killed', { subject: m[1], by: 'oomd' })],
  [/^Trying to kill \/sys\/fs\/cgroup\/(\S{1,512})$/, m => create('killed', { subject: m[1], by: 'oomd' })],
  // nohang names the victim in a line before: see CHOSEN_VICTIM
  [/\bSending SIG(?:TERM|KILL) to the victim\b/, () => create('killed', { by: 'nohang' })],
  [/^\s*Run the command: kill -(?:TERM|KILL|9|15) (\d+)/, m => create('killed', { pid: m[1], by: 'nohang' })],
  // Worker exceeded 95% memory budget. Restarting        Task was killed due to the node running low on memory.
  [
    /\bWorker (?:\S{1,80} )?(?:\(pid=(\d+)\) )?exceeded \d+% memory budget/,
    m => create('killed', { pid: m[1], subject: 'a worker', by: 'dask' }),
  ],
  [
    /\b(?:was|were) killed due to the node running low on memory\b/,
    () => create('killed', { subject: 'a task', by: 'ray' }),
  ],
]

/** `  PID: 4526, name: tail, badness: 875`: nohang names the process that it may kill before it does. */
export const CHOSEN_VICTIM = /^\s*PID: (\d+), [nN]ame: (.{1,32}), badness: \d+/
