// Pieces of a text that are no log: what the output of each kernel file and program looks like, line by line. Pure.
import { parseKeyedNumbers } from '../../base/text.ts'
import { parseBuddyinfo } from '../../collectors/buddyinfo.ts'
import { findRelease } from './boot-tracker.ts'
import {
  parseCgroupListing,
  parseCgroupsSnapshot,
  parseSlabinfoSnapshot,
  parseSlabListing,
  type Snapshot,
} from './snapshots.ts'
import {
  parseCgroupTop,
  parseFree,
  parseHugePages,
  parsePressure,
  parseSlabtop,
  parseTop,
  parseVmstatReport,
  parseZoneinfo,
} from './tool-output.ts'

/** How a piece begins, what its further lines look like, and what it says. */
export interface PieceKind {
  readonly name: string
  /** the first line */
  readonly begin: RegExp
  /** each further line; a line that does not fit is not of the piece */
  readonly line: RegExp
  readonly parse: (text: string) => Snapshot
}

const NOTHING = /^\b$/

export const PIECE_KINDS: readonly PieceKind[] = [
  {
    name: 'meminfo',
    begin:
      /^(?:MemTotal|MemFree|MemAvailable|Buffers|Cached|SwapTotal|SwapFree|Active|Slab|SReclaimable|SUnreclaim|KReclaimable|AnonPages|AnonHugePages|PageTables|Percpu|CommitLimit|Committed_AS|Hugetlb):\s+\d+ kB$|^HugePages_Total:\s+\d+$/,
    line: /^[A-Z][\w()]{1,40}:\s+\d+(?: kB)?$/,
    parse: text => ({ kind: 'meminfo', values: Object.fromEntries(parseKeyedNumbers(text, 'meminfo')) }),
  },
  {
    name: 'slabinfo',
    begin: /^slabinfo - version: 2|^# ?name +<active_objs>|^\S.{0,200}\d +: tunables /,
    line: /^# ?name +<active_objs>|^\S.{0,200}\d +: tunables /,
    parse: parseSlabinfoSnapshot,
  },
  {
    name: 'slabtop',
    begin: /^\s*Active \/ Total Objects|^\s*OBJS ACTIVE\s+USE OBJ/,
    line: /^\s*(?:Active \/ Total|Minimum \/ Average)|^\s*OBJS ACTIVE|^\s*\d+\s+\d+\s+\d+%\s+[\d.]+K|^$/,
    parse: parseSlabtop,
  },
  {
    name: 'cgroups',
    begin: /^#subsys_name\s+hierarchy\s+num_cgroups/,
    line: /^\w+\s+\d+\s+\d+\s+[01]$/,
    parse: parseCgroupsSnapshot,
  },
  {
    name: 'buddyinfo',
    begin: /^Node \d+, zone +\w+(?: +\d+){6,}$/,
    line: /^Node \d+, zone +\w+(?: +\d+){6,}$/,
    parse: text => ({ kind: 'buddyinfo', zones: parseBuddyinfo(text) }),
  },
  {
    name: 'zoneinfo',
    begin: /^Node \d+, zone +\w+$/,
    line: /^Node \d+, zone +\w+$|^ {2,}\S/,
    parse: parseZoneinfo,
  },
  {
    name: 'huge pages',
    begin: /^\S*hugepages-\d+kB\/\w+:\d+$|^\S*hugepages-\d+kB:$/,
    line: /^\S*hugepages-\d+kB(?:\/\w+:\d+|:)$|^(?:nr|free|resv|surplus)_\w+:\d+$/,
    parse: parseHugePages,
  },
  {
    name: 'free',
    begin: /^\s+total +used +free\b/,
    line: /^(?:Mem|Swap|Total|Low|High|-\/\+ buffers\/cache|Comm):/,
    parse: parseFree,
  },
  {
    name: 'top',
    begin: /^(?:[KMG]iB )?Mem *: .*total,/,
    line: /^(?:[KMG]iB )?Swap *: .*total,/,
    parse: parseTop,
  },
  {
    name: 'memory.events',
    begin: /^low \d+$/,
    line: /^(?:high|max|oom|oom_kill|oom_group_kill|sock_throttled) \d+$/,
    parse: text => ({ kind: 'memory.events', values: Object.fromEntries(parseKeyedNumbers(text, 'memory.events')) }),
  },
  {
    name: 'memory pressure',
    begin: /^some avg10=[\d.]+ avg60=/,
    line: /^full avg10=[\d.]+ avg60=/,
    parse: parsePressure,
  },
  {
    name: 'vmstat',
    begin: /^nr_free_pages \d+$/,
    line: /^[a-z]\w* \d+$/,
    parse: text => ({ kind: 'vmstat', values: Object.fromEntries(parseKeyedNumbers(text, 'vmstat')) }),
  },
  {
    name: 'vmstat report',
    begin: /^procs -+memory/,
    line: /^procs -+memory|^ *r +b +swpd|^ *\d+ +\d+ +\d+ +\d+ /,
    parse: parseVmstatReport,
  },
  {
    name: 'systemd-cgtop',
    begin: /^(?:Control Group|CGroup|Path) +(?:Tasks|Procs) +%CPU +Memory/,
    line: /^\S.* (?:\d+|-) +(?:[\d.]+|-) +(?:[\d.]+[BKMGT]?|-)(?: |$)/,
    parse: parseCgroupTop,
  },
  {
    name: 'cgroup listing',
    begin: /^(?:\.\/|\.)?\/?sys\/fs\/cgroup(?:\/\S*)?$/,
    line: /^(?:\.\/|\.)?\/?sys\/fs\/cgroup(?:\/\S*)?$/,
    parse: parseCgroupListing,
  },
  {
    name: 'slab listing',
    begin: /^(?:\S+ .* )?:[a-zA-Z]{0,8}-?\d{7}$|^(?:\S+ .* )?[\w.-]+\(\d+:[^)\s]*\)(?: -> \.\.\/\S+)?$/,
    line: /^(?:[dl][rwx-]{9}.* )?[\w.:()-]+(?: -> \S+)?$/,
    parse: parseSlabListing,
  },
  {
    name: 'kmem.slabinfo error',
    begin: /^(?:cat: )?\S*memory\.kmem\.slabinfo: Input\/output error$/,
    line: /^(?:cat: )?\S*memory\.kmem\.slabinfo: Input\/output error$/,
    parse: () => ({ kind: 'kmem.slabinfo error' }),
  },
  {
    name: 'kernel release',
    begin: /^Linux \S+ \d+\.\d+\S* #|^\d+\.\d+\.\d+-\S+$/,
    line: NOTHING,
    parse: text => ({ kind: 'kernel release', release: findRelease(text.trim()) ?? /\d+\.\d+\S*/.exec(text)![0] }),
  },
  {
    name: 'command line',
    begin: /^BOOT_IMAGE=\S+ /,
    line: NOTHING,
    parse: text => ({ kind: 'command line', text: text.trim() }),
  },
]

// Quick: what does not begin like this begins no piece.
const MAY_BEGIN =
  /^(?:Mem[TFA ]|Mem:|[KMG]iB Mem|Buffers:|Cached:|Swap[TF]|Active:|KRecl|Anon|PageT|Percpu:|Commit|Huge|low \d|some avg|Slab:|SRecl|SUnr|slabinfo|# ?name|\s*Active \/|\s*OBJS|#subsys|Node \d|\S*hugepages-|\s+total|nr_free|procs -|Control G|CGroup|Path |\.{0,2}\/?sys\/fs|:[a-zA-Z\d]|[dl][rwx-]{9}|[\w.-]+\(\d+:|cat: |\S*memory\.kmem|Linux \S+ \d|\d+\.\d+\.\d+-|BOOT_IMAGE|\S{1,80} +\d+ +\d+ +\d+ +\d+ )/

/** The kind of piece that a line begins; undefined when it begins none. */
export function findPieceKind(line: string): PieceKind | undefined {
  if (line.length > 2000 || !MAY_BEGIN.test(line)) return undefined
  return PIECE_KINDS.find(({ begin }) => begin.test(line))
}

// $ cat /proc/meminfo      root@node-7:~# dmesg      ==== /proc/slabinfo ====      #==[ Command ]====      + dmesg -T
const HEADING =
  /^(?:[\w.@~:/ ()[\]-]{0,80}[$#] \S|\+ \S|#==\[|[=*-]{3,} ?\S.* ?[=*-]{3,}$|# \/\S|#{1,4} [A-Z/]|```|<\/?(?:pre|code)>)/

/** True for what people and report scripts put above the output of a command. */
export const isHeading = (line: string): boolean => line.length < 200 && HEADING.test(line)
