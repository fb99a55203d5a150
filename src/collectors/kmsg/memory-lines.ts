// The table of lines that are about memory. All fast checks are made from it: live records, reports, events, saved logs.

/** A kind of line, and how to notice it without parsing it. Sources of regular expressions. */
interface MemoryLine {
  /** who parses it: an OOM report (oom-lines.ts), an event (event-lines.ts), a saved log only, or nobody */
  readonly parser: 'oom' | 'event' | 'log' | 'none'
  /** matches the text of a record */
  readonly text: string
  /** a word that such a line contains; undefined if another line with a word always comes before it */
  readonly word?: string
  /** matches what a program, or a part of the kernel that nobody parses, writes about it; in any case of letters */
  readonly mention?: string
}

// Not the names of counters that the kubelet and cadvisor log all day. Words without a common beginning, and as few as there can
// be, make the search fast: a gigabyte is read with them. The first letters of a word decide what it costs: ENOMEM makes the search
// a third slower, NOMEM does not.
const EMORY = 'emory(?!\\.(?:available|usage|current|stat|working))'

const MEMORY_LINES: readonly MemoryLine[] = [
  { parser: 'oom', text: 'oom[-_]', word: 'oom[-_]', mention: '\\boom' },
  { parser: 'oom', text: 'Kill(?:ed)? process ', word: 'ill process|illed process', mention: 'killed process' },
  { parser: 'oom', text: '^(?:memory|memory\\+swap|swap|kmem): usage', word: EMORY },
  { parser: 'oom', text: '^Memory (?:cgroup stats|limit reached)', word: EMORY, mention: 'memory cgroup' },
  { parser: 'oom', text: '^Tasks? ' },
  { parser: 'oom', text: 'OOM victim ', word: 'OOM' },
  { parser: 'oom', text: '^\\[ +pid' },
  { parser: 'oom', text: '^Mem-[Ii]nfo:' },
  { parser: 'oom', text: '^Unreclaimable slab', word: 'able slab' },
  { parser: 'event', text: 'Unable to allocate memory on', word: EMORY, mention: 'unable to allocate' },
  { parser: 'event', text: 'page allocation ', word: 'llocation [fs]', mention: 'allocation (?:failure|stall)' },
  { parser: 'event', text: '-order allocation failed', word: 'llocation [fs]' },
  { parser: 'event', text: 'alloc failed, req-size', word: 'alloc failed', mention: 'percpu: alloc' },
  { parser: 'event', text: '^VM: killing process', word: 'illing process' },
  { parser: 'event', text: 'kmem_cache_create', word: 'kmem', mention: 'kmem_cache' },
  { parser: 'event', text: 'fork rejected', word: 'cgroup: ', mention: 'fork rejected' },
  { parser: 'event', text: '^(?:memcg|mem_cgroup|cgroup)', word: 'cgroup: |memcg', mention: 'memcg' },
  { parser: 'event', text: 'no killable', word: EMORY },
  { parser: 'event', text: 'Kernel panic', word: EMORY },
  { parser: 'event', text: 'oom_reaper: unable', word: 'oom[-_]' },
  { parser: 'event', text: 'Manual OOM', word: 'OOM' },
  { parser: 'event', text: 'callbacks suppressed', word: 'callbacks s', mention: 'callbacks suppressed' },
  { parser: 'event', text: 'llocation failed, size', word: 'llocation [fs]' },
  { parser: 'event', text: '^vmap allocation', word: 'llocation [fs]', mention: 'allocation for size' },
  { parser: 'event', text: 'vmalloc', word: 'vmalloc' },
  { parser: 'event', text: 'VM_FAULT_OOM', word: 'VM_FAULT' },
  { parser: 'event', text: 'nreclaimable slab', word: 'able slab' },
  { parser: 'event', text: 'table full', word: 'table full' },
  { parser: 'event', text: 'table overflow', word: ' overflow' },
  { parser: 'event', text: 'orphaned sockets|of socket memory', word: `haned sock|${EMORY}` },
  { parser: 'event', text: 'Route cache is full|dst cache overflow', word: ' is full: c| overflow' },
  { parser: 'event', text: 'file-max limit', word: 'le-max limit' },
  { parser: 'event', text: '-error on swap', word: 'wap-device' },
  { parser: 'event', text: 'BUG: Bad |swap (?:file|offset) entry', word: 'BUG: Bad|wap file en| offset entry' },
  { parser: 'event', text: 'bytes percpu', word: 'tes percpu' },
  { parser: 'event', text: 'unreferenced object', word: 'referenced obj' },
  { parser: 'event', text: 'TCP: out of memory', word: EMORY, mention: 'out of memory' },
  { parser: 'event', text: 'EDAC', word: 'EDAC' },
  { parser: 'event', text: 'Hardware Error', word: 'Hardware E' },
  { parser: 'event', text: '^Memory failure: ', word: EMORY },
  { parser: 'event', text: '^MCE 0x', word: 'MCE 0x' },
  { parser: 'event', text: '^kmemleak', word: 'kmem' },
  { parser: 'event', text: 'for more than', word: 'for more than', mention: 'hung_task|blocked for more than' },
  { parser: 'event', text: 'soft lockup', word: 'soft lockup' },
  {
    parser: 'event',
    text: 'detected (?:expedited )?stalls?',
    word: 'detected stall|detected exp',
    mention: 'detected stall',
  },
  { parser: 'event', text: 'OOM is now', word: 'OOM' },
  { parser: 'event', text: 'hardware memory', word: EMORY },
  { parser: 'event', text: 'vm_enough_memory', word: EMORY },
  { parser: 'event', text: '_balloon', word: '_balloon' },
  { parser: 'event', text: 'allocation deadlock', word: EMORY },
  { parser: 'event', text: '[oO]ut of memory', word: EMORY },
  { parser: 'event', text: '[mM]emory squeeze', word: EMORY },
  { parser: 'event', text: 'buffer is full', word: 'buffer is full' },
  { parser: 'event', text: 'SW-IOMMU space', word: 'OMMU space' },
  { parser: 'event', text: '[fF]ailed to alloc', word: 'ailed to alloc' },
  { parser: 'event', text: '(?:[nN]ot|n.t|nable to) allocate', word: ' allocate ' },
  { parser: 'event', text: '\\*ERROR\\* ', word: EMORY },
  { parser: 'event', text: '^zram: Error', word: EMORY },
  { parser: 'event', text: '^HugeTLB: alloc', word: 'HugeTLB: alloc' },
  { parser: 'event', text: '^NVRM: ', word: 'ailed to alloc' },
  // kills by programs, their errors, and the start of a boot
  { parser: 'log', text: 'sending SIG', word: 'ending SIG' },
  { parser: 'log', text: 'illing process ', word: 'illing process' },
  { parser: 'log', text: 'badness: ', word: 'badness: ' },
  { parser: 'log', text: 'am_kill', word: 'am_kill' },
  { parser: 'log', text: 'killinfo: ', word: 'killinfo: ' },
  { parser: 'log', text: 'ENOMEM', word: 'NOMEM' },
  { parser: 'log', text: 'oomd killed', word: 'oomd kill|due to swap' },
  { parser: 'log', text: 'container oom ', word: 'container oom' },
  { parser: 'log', text: 'OUT_OF_MEMORY', word: 'OUT_OF_ME' },
  { parser: 'log', text: 'killed by YARN', word: EMORY },
  { parser: 'log', text: 'bad_alloc', word: 'bad_alloc' },
  { parser: 'log', text: 'exited with error: signal: killed', word: 'signal: killed' },
  { parser: 'log', text: 'was killed: ', word: 'was killed: ' },
  { parser: 'log', text: 'low swap: killing|killed: out of swap', word: 'wap: killing| out of swap' },
  { parser: 'log', text: 'mem avail: ', word: 'mem avail: ' },
  { parser: 'log', text: 'Killed', word: 'Killed' },
  { parser: 'log', text: 'memorystatus: killing', word: 'memorystatus: kill' },
  { parser: 'log', text: 'exit code 137', word: 'code 137|code: 137' },
  { parser: 'log', text: 'signal 9', word: 'signal 9' },
  { parser: 'log', text: 'PBS: job killed', word: 'PBS: job' },
  { parser: 'log', text: 'viction manager', word: 'viction manager' },
  { parser: 'log', text: 'cannot allocate memory', word: EMORY, mention: 'cannot allocate' },
  { parser: 'log', text: 'OutOfMemoryError', word: EMORY },
  { parser: 'log', text: 'no space left on device', word: 'left on device', mention: 'no space left' },
  { parser: 'log', text: 'device or resource busy', word: 'resource busy' },
  { parser: 'log', text: '^Linux version', word: 'Linux version' },
  { parser: 'log', text: '^(?:Kernel )?[cC]ommand line:', word: 'ommand line' },
  { parser: 'log', text: '^-- (?:Boot|Reboot) ', word: 'Boot [0-9a-f]{8}|Reboot --' },
  { parser: 'none', text: 'drop_caches', mention: 'drop_caches' },
]

const joinTexts = (parser: MemoryLine['parser']): string =>
  MEMORY_LINES.filter(line => line.parser === parser)
    .map(({ text }) => text)
    .join('|')

const OOM_LINE = new RegExp(joinTexts('oom'))
const EVENT_LINE = new RegExp(joinTexts('event'))

/** Fast check: false if the text cannot be about an OOM kill while no report is open. True may be wrong. */
export const canBeOomLine = (text: string): boolean => OOM_LINE.test(text)

/** Fast check: false if the text cannot be a memory event. True may be wrong. */
export const canBeEventLine = (text: string): boolean => EVENT_LINE.test(text)

const MENTION = new RegExp(MEMORY_LINES.flatMap(({ mention }) => mention ?? []).join('|'), 'i')

/** Whether a record mentions memory, whoever wrote it and however; it need not be parsed. */
export const isMemoryMention = (text: string): boolean => MENTION.test(text)

/** Returns a regular expression that finds, in the bytes of a saved log, a word of a line about memory. It has the flag `g`. */
export const createMemoryWordPattern = (): RegExp =>
  new RegExp([...new Set(MEMORY_LINES.flatMap(({ word }) => word?.split('|') ?? []))].join('|'), 'g')

/** A line of a kill in progress, in records of /dev/kmsg. */
export const OOM_KILL_LINE = /Killed process|invoked oom-killer/

/** The line of a kill, whatever comes before it. */
export const KILLED_LINE = /Killed process \d+ \(/

/**
 * A line about memory trouble in whatever text: words of the kernel, and what drivers and programs write in their own words when they
 * get no memory. One that no rule can read is reported.
 */
export const TROUBLE_LINE =
  /[Oo]ut of [Mm]emory|oom-killer|Killed process|page allocation failure|Unable to allocate memory|memory allocation (?:fail|deadlock)|(?:[Ff]ailed to|[Uu]nable to|annot|an't|ouldn't|ould not) (?:re)?alloc[^.;]{0,40} memory\b(?!-| (?:window|region|range|resource|BAR)\b)|ot enough memory|nsufficient memory|emory exhausted|\b[Ll]ow on memory|\b(?:[kK]illed|[dD]ied|[tT]erminated)\b[^.;]{0,30}\bOOM\b|\bOOM[ -]?(?:[kK]ill(?:ed)?\b|[eE]vent\b)|\bno memory (?:left|available|for)\b|\bENOMEM\b/

/** A line with the details that only a kernel prints, quoted in a text of another kind. */
export const QUOTED_OOM_LINE = /invoked oom-killer: gfp_mask|Killed process \d+ \((?:(?!Killed process).)* total-vm:/

/** A text with such a line is a kernel log, even if its lines have no known prefix. */
export const KERNEL_LOG_LINE =
  /invoked oom-killer|Killed process \d+ \(|^oom-kill:|^Linux version \d|(?:SLUB|SLAB): Unable to allocate|page allocation failure|^(?:Command line|Mem-[Ii]nfo|Call Trace):/m
