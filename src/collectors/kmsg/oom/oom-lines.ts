// Parses single lines of an OOM report. Follows mm/oom_kill.c and mm/memcontrol*.c of 3.10 to 7.x.

import { matchPatterns, type PatternTable } from '../../../base/match-patterns.ts'
import { toNumber } from '../../../base/text.ts'
import { KILLED_LINE_PATTERNS, type KilledLine } from './killed-line.ts'
import { type MemInfoLine, parseMemInfoLine } from './mem-info-block.ts'
import type { Invoker, MemcgCounter, UnreclaimableSlabRow } from './oom-kill.ts'

/** An OOM line of one kind. */
export type OomLineOfKind<K extends OomLine['kind']> = Extract<OomLine, { readonly kind: K }>

/** One line of an OOM report, without its context. Sizes are bytes. */
export type OomLine =
  | { readonly kind: 'invoked'; readonly invoker: Invoker | null }
  | { readonly kind: 'cpu'; readonly pid: number; readonly comm: string }
  | { readonly kind: 'limit'; readonly taskMemcg: string | null; readonly oomMemcg: string }
  | { readonly kind: 'charge'; readonly counter: 'memory' | 'swap' | 'kmem'; readonly charge: MemcgCounter }
  | { readonly kind: 'stats'; readonly memcg: string; readonly values: CounterValues }
  | { readonly kind: 'stat'; readonly values: CounterValues }
  | { readonly kind: 'mem'; readonly line: MemInfoLine }
  | { readonly kind: 'slab'; readonly row: UnreclaimableSlabRow | null }
  | { readonly kind: 'columns'; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly text: string }
  | { readonly kind: 'summary'; readonly text: string }
  | { readonly kind: 'more'; readonly text: string }
  | {
      readonly kind: 'verdict'
      readonly global: boolean
      readonly chosen: { readonly pid: number; readonly comm: string }
    }
  | KilledLine
  | { readonly kind: 'skipped'; readonly pid: number; readonly comm: string; readonly global: boolean | null }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'panic' }
  | { readonly kind: 'group'; readonly memcg: string }
  | { readonly kind: 'reaped'; readonly pid: number; readonly comm: string }
  | { readonly kind: 'suppressed'; readonly count: number }

type CounterValues = Readonly<Record<string, number>>
type OomLineMatch = RegExpExecArray

// Process and cgroup names may contain anything, even newlines: hence the flag `s` and greedy groups up to words of the kernel.
const OOM_LINE_PATTERNS: PatternTable<OomLine> = [
  // first, because these lines are the most frequent:
  // [   2923]     0  2923     9825     8263   122880        0             0 ctr-a
  [/^\[ *\d+\] +-?\d+ +\d+ +\d/, m => ({ kind: 'row', text: m.input })],
  // memhog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
  [
    /^(.*) invoked oom-killer: (.*)$/s,
    m => ({ kind: 'invoked', invoker: parseInvoker(m[1]!, m[2]!) }),
    ' invoked oom-killer: ',
  ],
  // oom-killer: gfp_mask=0xd0          2.6.0 to 2.6.18: without the name of the process
  [/^oom-killer: gfp_mask=0x[0-9a-f]+(?:, order=\d+)?$/, () => ({ kind: 'invoked', invoker: null })],
  // CPU: 1 UID: 0 PID: 2928 Comm: ctr-b Not tainted 6.18.44 #1 PREEMPT(none)
  // Pid: 9920, comm: tomcat Not tainted 2.6.32-696.el6.x86_64 #1
  [
    /^(?:CPU: \d+ (?:UID: \d+ )?PID|Pid): (\d+),? [Cc]omm: (.*)$/s,
    m => ({ kind: 'cpu', pid: Number(m[1]), comm: m[2]! }),
  ],
  // Task in /pod/ctr killed as a result of limit of /pod
  // not with the mark of a screen that cut it
  [
    /^Task in (.*) killed as a result of limit of (.*)(?<![>…])$/s,
    m => ({ kind: 'limit', taskMemcg: m[1]!, oomMemcg: m[2]! }),
  ],
  // Memory limit reached of cgroup /syz0          up to 4.20, if no process can be killed
  [/^Memory limit reached of cgroup (.*)$/s, m => ({ kind: 'limit', taskMemcg: null, oomMemcg: m[1]! })],
  // memory+swap: usage 40960kB, limit 9007199254740988kB, failcnt 0
  [/^(memory|memory\+swap|swap|kmem): usage (\d+)kB, limit (\d+)kB, failcnt (\d+)$/, parseCounter],
  // Memory cgroup stats for /kmt-res-pod:       and up to 4.20, one line for each cgroup below it:
  // Memory cgroup stats for /kmt-res-pod: cache:0KB rss:524188KB rss_huge:370688KB
  [
    /^Memory cgroup stats for (.*):((?: [\w()]+:\d+KB)*) *$/s,
    // a line that is cut behind a name would make a cgroup of its numbers
    m =>
      /:\d+KB /.test(m[1]!)
        ? undefined
        : { kind: 'stats', memcg: m[1]!, values: parseValues(m[2]!, /(?<![^\s:])([^\s:]+):(\d+)KB/g, 1024) },
  ],
  // anon 66920448\nfile 0\nkernel 188416 …      6.6 and later: one record for each line
  [/^(?:[a-z]\w* \d+\n)*[a-z]\w* \d+(?:\n[a-z]\w* ?)?$/, parseStat],
  // Unreclaimable slab info:
  // Name                      Used          Total
  // kmalloc-2048           59164KB      59164KB
  [/^Unreclaimable slab info:$|^Name +Used +Total$/, () => ({ kind: 'slab', row: null })],
  [/^(\S+(?: \S+)*) +(\d+)KB +(\d+)KB$/, parseSlabRow, 'KB'],
  // Tasks state (memory values in pages):
  // [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name
  [/^Tasks state \(memory values in pages\):$/, () => ({ kind: 'columns', columns: [] })],
  [/^\[ *pid *\] +(\S.*) name$/, m => ({ kind: 'columns', columns: m[1]!.split(/ +/) })],
  // oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,…,oom_memcg=/a,task_memcg=/a/b,task=c,pid=1,uid=0
  [/^oom-kill:constraint=/, m => ({ kind: 'summary', text: m.input })],
  // Memory cgroup out of memory: Kill process 24572 (java) score 0 or sacrifice child
  // Out of Memory: Kill process 2799 (httpd) score 60126 and children.          2.6.11 to 2.6.17
  [
    /^(Memory cgroup o|O)ut of [Mm]emory[^:]*: [Kk]ill process (\d+) \((.*)\) score \d+ (?:or (?:sacrifice|a) child|and children\.?)$/s,
    m => ({ kind: 'verdict', global: m[1] === 'O', chosen: { pid: Number(m[2]), comm: m[3]! } }),
  ],
  ...KILLED_LINE_PATTERNS,
  // Memory cgroup out of memory: OOM victim 3804877 (stress) is already exiting. Skip killing the task
  [
    /^(?:(Memory cgroup o|O)ut of memory[^:]*: )?OOM victim (\d+) \((.*)\) is already exiting\. Skip killing the task$/s,
    m => ({ kind: 'skipped', pid: Number(m[2]), comm: m[3]!, global: m[1] === undefined ? null : m[1] === 'O' }),
    'OOM victim ',
  ],
  [/^Kernel panic - not syncing: ?(?:[Oo]ut of memory|System is deadlocked on memory)/, () => ({ kind: 'panic' })],
  [/^Out of memory and no killable processes\.\.\.$/, () => ({ kind: 'nobody' })],
  // Tasks in /pod/ctr are going to be killed due to memory.oom.group set
  [/^Tasks in (.*) are going to be killed due to memory\.oom\.group set$/s, m => ({ kind: 'group', memcg: m[1]! })],
  // oom_reaper: reaped process 19289 (memcg_process), now anon-rss:0kB, file-rss:0kB, shmem-rss:4kB
  [
    /^oom_reaper: reaped process (\d+) \((.*)\)(?:, now anon-rss:|[^()]{0,20}…$)/s,
    m => ({ kind: 'reaped', pid: Number(m[1]), comm: m[2]! }),
  ],
  // oom_kill_process: 5 callbacks suppressed
  [/^oom_kill_process: (\d+) callbacks suppressed$/, m => ({ kind: 'suppressed', count: Number(m[1]) })],
  // The summary is printed in pieces; a piece that does not fit, or comes after an interruption, is a record of its own.
  [/^[,/]/, m => ({ kind: 'more', text: m.input })],
]

/** Parses a line of an OOM report; undefined for any other line. Some lines count only while a report is open. */
export function parseOomLine(text: string): OomLine | undefined {
  const oomLine = matchPatterns(OOM_LINE_PATTERNS, text)
  if (oomLine) return oomLine
  const line = parseMemInfoLine(text)
  return line && { kind: 'mem', line }
}

// gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=(null),  order=0, oom_score_adj=1000
// gfp_mask=0x201d2, order=0, oomkilladj=0          2.6.18 to 2.6.28; oom_adj=0 up to 2.6.35: another scale
function parseInvoker(comm: string, rest: string): Invoker | null {
  const match =
    /^gfp_mask=([^,]*),(?: nodemask=[^ ]*,)? +order=(-?\d+)(?:,.* oom_score_adj=(-?\d+)|, oom(?:_|kill)adj=-?\d+)$/.exec(
      rest,
    )
  if (!match) return null
  return { comm, pid: null, gfpMask: match[1]!, order: Number(match[2]), oomScoreAdj: toNumber(match[3]) }
}

// "No limit" is LONG_MAX in pages (9007199254740988kB), on 3.10 LLONG_MAX or ULLONG_MAX in bytes: all above 4 EiB.
function toBytes(count: string, scale: number): number {
  const value = Number(count) * scale
  return value < 2 ** 62 ? value : Number.POSITIVE_INFINITY
}

function parseCounter([, name, usage, limit, failcnt]: OomLineMatch): OomLine {
  const counter = name === 'memory+swap' ? 'swap' : (name as 'memory' | 'swap' | 'kmem')
  const memcgCounter = { usage: toBytes(usage!, 1024), limit: toBytes(limit!, 1024), failcnt: Number(failcnt) }
  return { kind: 'charge', counter, charge: memcgCounter }
}

// Kernels 5.4 to 6.5 cut the text at 992 bytes (976 with a caller), perhaps in the middle of the last number.
const MAX_UNCUT_LENGTH = 960

function parseStat({ input }: OomLineMatch): OomLine {
  const lines = input.length < MAX_UNCUT_LENGTH ? input : input.slice(0, input.lastIndexOf('\n'))
  return { kind: 'stat', values: parseValues(lines, /^(\w+) (\d+)$/gm, 1) }
}

function parseValues(text: string, pattern: RegExp, scale: number): CounterValues {
  return Object.fromEntries(Array.from(text.matchAll(pattern), m => [m[1]!, toBytes(m[2]!, scale)]))
}

function parseSlabRow([, name, used, total]: OomLineMatch): OomLine {
  return { kind: 'slab', row: { name: name!, used: toBytes(used!, 1024), total: toBytes(total!, 1024) } }
}
