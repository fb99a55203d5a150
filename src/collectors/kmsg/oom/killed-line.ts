// The line of an OOM report that says who was killed, in its forms from Linux 2.4 to 7.x.
import type { PatternTable } from '../../../base/match-patterns.ts'
import { toNumber } from '../../../base/text.ts'
import type { Victim } from './oom-kill.ts'

/** Who was killed; `global` is null where the line does not say whether a cgroup or the node was out of memory. */
export interface KilledLine {
  readonly kind: 'killed'
  readonly global: boolean | null
  readonly victim: Victim
}

/** mm/oom_kill.c, `__oom_kill_process` and its predecessors; the last forms are cut by a console, a paste or a screen. */
export const KILLED_LINE_PATTERNS: PatternTable<KilledLine> = [
  // Memory cgroup out of memory: Killed process 2923 (ctr-a) total-vm:39300kB, anon-rss:28812kB, … UID:0 pgtables:120kB
  // Killed process 42424 (memcg_test_1), UID 0, total-vm:7296kB, anon-rss:96kB, file-rss:0kB, shmem-rss:0kB
  // Warning  OOMKilling  node/node-7  Memory cgroup out of memory: Killed process …      quoted in a table
  [
    /^(?:(?:[^"{:[]*[^\w"{:[])?(Memory cgroup o|O)ut of memory(?:(?!ut of memory)[^:])*: |[^:]*: )?Killed process (\d+) \((.*)\)(?:, UID (\d+),)? (total-vm:\d+kB.*)$/s,
    parseKilledLine,
    'Killed process ',
  ],
  // Memory cgroup out of memory: Killed process 2923 (ctr-a)total-vm:39300kB, …      copied from a document
  [
    /^(Memory cgroup o|O)ut of memory: Killed process (\d+) \(([^()]{1,15})\)(total-vm:\d+kB.*)$/s,
    m => parseKilledLine([m[0], m[1], m[2], m[3], undefined, m[4]]),
    'Killed process ',
  ],
  // Memory cgroup out of memory: Killed process 2923 (ctr-a) total-v      cut by a narrow console or paste: only a plain name counts
  [
    /^(Memory cgroup o|O)ut of memory[^:]*: Killed process (\d+) \(([^()]{1,15})\)(?:, UID (\d+),)?( (?:t[-:otalvm]*\d*)?)?$/,
    parseKilledLine,
    'Killed process ',
  ],
  // Killed process 9920, UID 91, (tomcat) total-vm:11920448kB, …      2.6.32 of el6
  // Out of memory: Killed process 2781, UID 48, (httpd).              2.6.18 of el5: without a size
  [
    /^(?:(O)ut of memory: )?Killed process (\d+), UID (\d+), \((.*)\)(?: (total-vm:\d+kB.*)|\.?)$/s,
    m => parseKilledLine([m[0], m[1], m[2], m[4], m[3], m[5]]),
    'Killed process ',
  ],
  [/^Killed process (\d+) \(([^()]{1,15})\)(?: vsz:(\d+kB.*))?$/, parseShortKilledLine, 'Killed process '],
  // Memory cgroup out of memory: Killed process 4321 (j…      … 4321 (java) total-vm:1024kB, ano…      cut by a screen, with a mark
  [
    /^(?:(Memory cgroup o|O)ut of memory[^:]*: )?Killed process (\d+) \((?:(.*)\)(?:, UID (\d+),)?( total.*|[^()]*)|(.{0,15}))…$/s,
    ([text, scope, pid, comm, uid, sizes, start]) =>
      parseKilledLine([text, scope, pid, comm ?? `${start}…`, uid, sizes]),
    'Killed process ',
  ],
  // Out of Memory: Killed process 2112 (httpd).          2.4 to 2.6.10
  // No available memory in cpuset: Killed process 2112 (httpd).          2.6.18: cpuset or (MPOL_BIND)
  [
    /^(?:(O)ut of [Mm]emory|No available memory[^:]{0,20}): Killed process (\d+) \(([^()]{1,16})\)\.?$/,
    m => parseKilledLine([m[0], m[1], m[2], m[3], undefined, undefined]),
    'Killed process ',
  ],
]

function parseKilledLine([, scope, pid, comm, uid, sizes = '']: readonly (string | undefined)[]): KilledLine {
  const parseSize = (size: RegExp): number | null => toNumber(size.exec(sizes)?.[1], 1024)
  const victim: Victim = {
    pid: Number(pid),
    comm: comm!,
    uid: toNumber(uid ?? /\bUID:(\d+)/.exec(sizes)?.[1]),
    totalVm: parseSize(/\btotal-vm:(\d+)kB/),
    anonRss: parseSize(/\banon-rss:(\d+)kB/),
    fileRss: parseSize(/\bfile-rss:(\d+)kB/),
    shmemRss: parseSize(/\bshmem-rss:(\d+)kB/),
    pgtables: parseSize(/\bpgtables:(\d+)kB/),
    oomScoreAdj: toNumber(/\boom_score_adj:(-?\d+)/.exec(sizes)?.[1]),
  }
  return { kind: 'killed', global: scope === undefined ? null : scope === 'O', victim }
}

// Killed process 3318 (tomcat) vsz:123kB, anon-rss:456kB, file-rss:7kB
function parseShortKilledLine([text, pid, comm, sizes]: RegExpExecArray): KilledLine {
  const own = sizes === undefined ? undefined : `total-vm:${sizes}`
  return parseKilledLine([text, undefined, pid, comm, undefined, own])
}
