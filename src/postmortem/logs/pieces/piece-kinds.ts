// Pieces of a text that are no log: what the output of each kernel file and program looks like, line by line. Pure.
import { parseKeyedNumbers } from '../../../base/text.ts'
import { parseBuddyinfo } from '../../../collectors/buddyinfo.ts'
import { findRelease } from '../boot-tracker.ts'
import { CGROUP_FILES_BEGIN, CGROUP_FILES_LINE, parseCgroupFiles } from './cgroup-files.ts'
import { parseCgroupCount, parseCgroupListing, parseCgroupsSnapshot } from './cgroup-lists.ts'
import { MEMINFO_BEGIN, MEMINFO_LINE, parseMeminfoForms } from './meminfo-forms.ts'
import type { PieceKind } from './piece-kind.ts'
import {
  OLD_SLABINFO_BEGIN,
  OLD_SLABINFO_LINE,
  PAGE_TYPES_BEGIN,
  PAGE_TYPES_LINE,
  parseOldSlabinfo,
  parsePageTypes,
} from './slab-tools.ts'
import { parseSlabinfoSnapshot, parseSlabListing } from './snapshots.ts'
import { parseHugePages, parsePressure, parseZoneinfo } from './tool-output.ts'
import { TOOL_PIECE_KINDS } from './tool-pieces.ts'

const NOTHING = /^\b$/

/** Every output that is recognised in a text. The first kind whose `begin` matches a line takes it. */
export const PIECE_KINDS: readonly PieceKind[] = [
  { name: 'meminfo', begin: MEMINFO_BEGIN, line: MEMINFO_LINE, parse: parseMeminfoForms },
  {
    name: 'slabinfo',
    begin: /^slabinfo - version: 2|^# ?name +<active_objs>|^\S.{0,200}\d +: tunables /,
    line: /^# ?name +<active_objs>|^\S.{0,200}\d +: tunables /,
    parse: parseSlabinfoSnapshot,
  },
  { name: 'slabinfo', begin: OLD_SLABINFO_BEGIN, line: OLD_SLABINFO_LINE, parse: parseOldSlabinfo },
  { name: 'pagetypeinfo', begin: PAGE_TYPES_BEGIN, line: PAGE_TYPES_LINE, parse: parsePageTypes },
  {
    name: 'memory.stat',
    begin: /^(?:cache|anon) \d{1,20}$/,
    line: /^[a-z]\w{0,60} \d{1,20}$/,
    parse: text => parseCgroupFiles(`==> memory.stat <==\n${text}`),
  },
  {
    name: 'cgroups',
    begin: /^#subsys_name\s+hierarchy\s+num_cgroups|^memory\s+\d{1,3}\s+\d{1,7}\s+[01]$/, // the second: grepped
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
    name: 'memory.events',
    begin: /^low \d+$/,
    line: /^(?:high|max|oom|oom_kill|oom_group_kill|sock_throttled) \d+$/,
    parse: text => ({ kind: 'memory.events', values: Object.fromEntries(parseKeyedNumbers(text, 'memory.events')) }),
  },
  {
    name: 'memory pressure',
    begin: /^(?:\/proc\/pressure\/memory:)?some avg10=[\d.]+ avg60=/,
    line: /^(?:\/proc\/pressure\/memory:)?full avg10=[\d.]+ avg60=/,
    parse: parsePressure,
  },
  {
    name: 'vmstat',
    begin: /^nr_free_pages \d+$|^\/proc\/vmstat:[a-z]\w* \d+$/,
    line: /^(?:\/proc\/vmstat:)?[a-z]\w* \d+$/,
    parse: text => ({
      kind: 'vmstat',
      values: Object.fromEntries(parseKeyedNumbers(text.replaceAll('/proc/vmstat:', ''), 'vmstat')),
    }),
  },
  {
    name: 'oom_kill',
    begin: /^oom_kill \d+$/,
    line: NOTHING,
    parse: text => ({ kind: 'oom_kill', count: Number(/\d+/.exec(text)?.[0]) }),
  },
  { name: 'cgroup files', begin: CGROUP_FILES_BEGIN, line: CGROUP_FILES_LINE, parse: parseCgroupFiles },
  {
    name: 'cgroup listing',
    begin: /^(?:\.\/|\.)?\/?sys\/fs\/cgroup(?:\/\S*)?$/,
    line: /^(?:\.\/|\.)?\/?sys\/fs\/cgroup(?:\/\S*)?$/,
    parse: parseCgroupListing,
  },
  {
    name: 'cgroup count',
    begin: /^.{0,80}find \/sys\/fs\/cgroup\/memory\/? -type d \| ?wc -l$/,
    line: /^\d{1,7}$/,
    parse: parseCgroupCount,
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
    begin: /^Linux \S+ \d+\.\d+\S* #|^\d+\.\d+\.\d+-\S+$|^\s*(?:Kernel|Kernel Version):\s+(?:Linux )?\d+\.\d+\S*$/,
    line: NOTHING,
    parse: text => ({ kind: 'kernel release', release: findRelease(text.trim()) ?? /\d+\.\d+\S*/.exec(text)![0] }),
  },
  {
    name: 'command line',
    begin: /^BOOT_IMAGE=\S+ /,
    line: NOTHING,
    parse: text => ({ kind: 'command line', text: text.trim() }),
  },
  ...TOOL_PIECE_KINDS,
]

// Quick: what does not begin like this begins no piece.
const MAY_BEGIN =
  /^(?:[\x80-\xff*]{1,3} \S+\.[a-z]|\s*\d+ [KMkm] total|\d\d(?::\d\d:\d\d|[\x80-\xff])|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +kb|# hostname;|[^\w\n]{0,40}Mem\[|-{2,}|Filename\s|SwapUse |Per-node|[{"' ]{0,8}Mem[TFA]|Mem |Mem:|Name: {2}|\s*(?:Last )?State: |\s*Container ID: |(?:Init |Ephemeral )?Containers:|==> |\/(?:proc|sys)\/|\S{0,200}memory\.|oom_kill |\s*Kernel|\s*PID|RSS|USER|UID|F +[SU]|NAME|POD|CONTAINER|ID |[KMG]iB |Buffers:|Cached:|Swap[TF]|Active:|KRecl|Anon|PageT|Percpu:|Commit|Huge|low \d|(?:\/proc\/pressure\/memory:)?some avg|Slab:|SRecl|SUnr|slabinfo|# ?name|\s*Active \/|\s*OBJS|#subsys|memory\s|Node \d|\S*hugepages-|\s+(?:total|gesamt|RSS|[\x80-\xff]{4})|Page block|Free pages c|Number of |Cache +Num|MEM \||Name:\t|[0-9a-f]+-[0-9a-f]+ ---p|(?:cache|anon) \d| *User +Count|\/ |nr_free|-{0,2}procs-{0,2} -|Control G|CGroup|Path |\.{0,2}\/?sys\/fs|:[a-zA-Z\d]|[dl][rwx-]{9}|[\w.-]+\(\d+:|cat: |Linux \S+ \d|\d+\.\d+\.\d+-|BOOT_IMAGE|Area +Used|Job ID: |JobId=|\S{1,80} +\d+ +\d+ +\d+ +\d+ )/

// [ 1234.567890] text
const KERNEL_STAMP = /^\[ *\d{1,10}\.\d{6}\] /

/** The kind of piece that a line begins; undefined when it begins none. */
export function findPieceKind(line: string): PieceKind | undefined {
  if (line.length > 2000 || KERNEL_STAMP.test(line) || !(MAY_BEGIN.test(line) || line.endsWith('wc -l')))
    return undefined
  return PIECE_KINDS.find(({ begin }) => begin.test(line))
}

// $ cat /proc/meminfo      root@node-7:~# dmesg      ==== /proc/slabinfo ====      #==[ Command ]====      + dmesg -T
const HEADING =
  /^(?:[\w.@~:/ ()[\]-]{0,80}[$#] \S|\+ \S|#==\[|[=*-]{3} ?\S.*[=*-]{3}$|# \/\S|#{1,4} [A-Z/]|```\w{0,20}\s*$|<\/?(?:pre|code)>\s*$)/

/** True for what people and report scripts put above the output of a command. */
export const isHeading = (line: string): boolean => line.length < 200 && !KERNEL_STAMP.test(line) && HEADING.test(line)
