// Counts of cgroups in saved texts: /proc/cgroups, listings of /sys/fs/cgroup, `find | wc -l`. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8 } from '../../../base/text.ts'
import type { Snapshot } from './snapshots.ts'

// memory	11	65535	1
/** /proc/cgroups: how many cgroups each controller has. */
export function parseCgroupsSnapshot(text: string): Snapshot {
  const rows = Array.from(text.matchAll(/^(\w+)\s+\d+\s+(\d+)\s+([01])\s*$/gm), ([, name, count, enabled]) => {
    return [name!, { count: Number(count), enabled: enabled === '1' }] as const
  })
  return { kind: 'cgroups', controllers: Object.fromEntries(rows) }
}

// With files in the list each directory has one cgroup.procs; without, every line is one.
/** `find /sys/fs/cgroup`. */
export function parseCgroupListing(text: string): Snapshot {
  const paths = decodeUtf8(text)
    .split('\n')
    .filter(line => /^(?:\.\/|\.)?\/?sys\/fs\/cgroup/.test(line))
  const own = paths.filter(path => /sys\/fs\/cgroup\/memory(?:\/|$)/.test(path))
  const memory = own.length > 0 ? own : paths
  const procs = memory.filter(path => path.endsWith('/cgroup.procs')).length
  return { kind: 'cgroup listing', directories: procs > 0 ? procs : memory.length }
}

// $ find /sys/fs/cgroup/memory -type d | wc -l          and the number below it
/** A number of directories. @throws ParseError without it */
export function parseCgroupCount(text: string): Snapshot {
  const count = /\n(\d{1,7})\n/.exec(text)?.[1]
  if (count === undefined) throw new ParseError('find | wc -l', 2, 'a number', text)
  return { kind: 'cgroup listing', directories: Number(count) }
}
