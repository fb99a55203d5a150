// Output of programs that people save beside a log: slabtop, free, vmstat, systemd-cgtop; zoneinfo and huge pages. Pure.

import { ParseError } from '../../../base/errors.ts'
import { findLargest } from '../../../base/extremes.ts'
import { decodeUtf8, splitLines } from '../../../base/text.ts'
import { GiB, KiB, MiB } from '../../../base/units.ts'
import type { Snapshot } from './snapshots.ts'

type SnapshotOf<Kind extends Snapshot['kind']> = Extract<Snapshot, { readonly kind: Kind }>

// 611844096 611844096 100%    0.06K 9560064       64  38240256K ebitmap_node
const SLABTOP_ROW = /^\s*(\d+)\s+\d+\s+\d+%\s+([\d.,]+)K\s+\d+\s+\d+\s+(\d+)K\s+(\S.*?)\s*$/

/** `slabtop -o`, in any order. @throws ParseError without a row */
export function parseSlabtop(text: string): SnapshotOf<'slabinfo'> {
  const caches = splitLines(text).flatMap(line => {
    const [, objects, size, bytes, name] = SLABTOP_ROW.exec(line) ?? []
    if (name === undefined) return []
    return [
      {
        name,
        bytes: Number(bytes) * KiB,
        numObjs: Number(objects),
        objSize: Math.round(Number(size!.replace(',', '.')) * KiB),
      },
    ]
  })
  if (caches.length === 0) throw new ParseError('slabtop', 1, 'OBJS ACTIVE USE OBJ SIZE … NAME', text)
  return { kind: 'slabinfo', caches: caches.sort((a, b) => b.bytes - a.bytes).slice(0, 500), memcgCaches: 0 }
}

const UNITS: Readonly<Record<string, number>> = { B: 1, K: KiB, M: MiB, G: GiB, T: 1024 * GiB, '': 1 }

// 15884       15Gi      15.5G       no unit is printed if an option chose one; it is derived from the size of the machine
function parseSize(word: string | undefined, unit: number): number | undefined {
  const [, digits, letter] = /^([\d.]+)([BKMGT]?)i?B?$/.exec(word ?? '') ?? []
  if (digits === undefined) return undefined
  return Number(digits) * (letter === '' || letter === undefined ? unit : UNITS[letter]!)
}

const PRESSURE = /^(?:\/proc\/pressure\/memory:)?(some|full) avg10=([\d.]{1,10}) avg60=([\d.]{1,10}) /

/** /proc/pressure/memory, or memory.pressure of a cgroup. @throws ParseError without a line */
export function parsePressure(text: string): SnapshotOf<'memory pressure'> {
  const rows = splitLines(text).flatMap(line => {
    const [, name, avg10, avg60] = PRESSURE.exec(line) ?? []
    return name === undefined ? [] : [[name, { avg10: Number(avg10), avg60: Number(avg60) }] as const]
  })
  if (rows.length === 0) throw new ParseError('/proc/pressure/memory', 1, 'some avg10=… avg60=…', text)
  const { some = null, full = null } = Object.fromEntries(rows)
  return { kind: 'memory pressure', some, full }
}

/** `vmstat 1`: pages swapped in and out per second, and processes that waited. @throws ParseError without a row */
export function parseVmstatReport(text: string): SnapshotOf<'vmstat report'> {
  const lines = splitLines(text)
  const columns =
    lines
      .find(line => / swpd /.test(line))
      ?.trim()
      .split(/\s+/) ?? []
  const rows = lines.filter(line => /^ *\d/.test(line)).map(line => line.trim().split(/\s+/).map(Number))
  if (rows.length === 0 || columns.length === 0) throw new ParseError('vmstat', 1, 'r b swpd free …', text)
  const list = (name: string): readonly number[] => rows.map(row => row[columns.indexOf(name)] ?? 0)
  const unit = guessUnit(['swpd', 'free', 'buff', 'cache', 'inact', 'active'].flatMap(list))
  const findMost = (name: string): number => unit * findLargest(list(name), 0)
  return { kind: 'vmstat report', rows: rows.length, swapIn: findMost('si'), swapOut: findMost('so') }
}

// In KiB sizes are whole pages and divide by 4; with -S M they do not, and are small. In KiB.
const guessUnit = (sizes: readonly number[]): number =>
  sizes.every(size => size % 4 === 0) || sizes.some(size => size > 1e6) ? 1 : KiB

// /system.slice/app.service      12     3.4     1.5G        -        -
const CGTOP_ROW = /^(\S+) +(?:\d+|-) +(?:[\d.]+|-) +([\d.]+[BKMGT]?)(?: |$)/

/** `systemd-cgtop`: cgroups by memory. @throws ParseError without a row */
export function parseCgroupTop(text: string): SnapshotOf<'systemd-cgtop'> {
  const rows = splitLines(decodeUtf8(text)).flatMap(line => {
    const [, path, size] = CGTOP_ROW.exec(line) ?? []
    const bytes = parseSize(size, 1)
    return path === undefined || bytes === undefined ? [] : [{ path, bytes }]
  })
  if (rows.length === 0) throw new ParseError('systemd-cgtop', 1, 'Control Group Tasks %CPU Memory', text)
  return { kind: 'systemd-cgtop', cgroups: rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, 200) }
}

const ZONE = /^Node (\d+), zone +(\w+)$/

/** /proc/zoneinfo: free pages and marks of each zone. @throws ParseError without a zone */
export function parseZoneinfo(text: string): SnapshotOf<'zoneinfo'> {
  const zones: SnapshotOf<'zoneinfo'>['zones'][number][] = []
  for (const line of splitLines(text)) {
    const [, node, name] = ZONE.exec(line) ?? []
    if (name !== undefined)
      zones.push({ node: Number(node), name, free: null, min: null, low: null, managed: null, present: null })
    const [, key, pages] = /^ +(?:pages )?(free|min|low|managed|present) +(\d+)$/.exec(line) ?? []
    const zone = zones.at(-1)
    if (zone && key !== undefined && zone[key as 'free'] === null)
      zones[zones.length - 1] = { ...zone, [key]: Number(pages) }
  }
  if (zones.length === 0) throw new ParseError('/proc/zoneinfo', 1, 'Node 0, zone Normal', text)
  return { kind: 'zoneinfo', zones }
}

/** Files of /sys/kernel/mm/hugepages with their names: pages of each size. @throws ParseError without a number */
export function parseHugePages(text: string): SnapshotOf<'huge pages'> {
  const pools = new Map<number, { total: number | null; free: number | null }>()
  let size = 0
  for (const line of splitLines(text)) {
    size = Number(/hugepages-(\d+)kB/.exec(line)?.[1] ?? size / KiB) * KiB
    const [, key, count] = /(?:^|\/)(nr_hugepages|free_hugepages):(\d+)$/.exec(line) ?? []
    if (key === undefined || /\/node\/node\d/.test(line)) continue
    const pool = pools.get(size) ?? { total: null, free: null }
    pools.set(size, { ...pool, [key === 'nr_hugepages' ? 'total' : 'free']: Number(count) })
  }
  if (pools.size === 0) throw new ParseError('hugepages', 1, 'hugepages-2048kB/nr_hugepages:0', text)
  return { kind: 'huge pages', pools: Array.from(pools, ([bytes, pool]) => ({ pageSize: bytes, ...pool })) }
}
