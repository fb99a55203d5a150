// A simulated node: its memory and caches over time, processed as the program does.

import { type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { createHistory, type Reading } from '../../src/history.ts'
import { session } from '../fixtures.ts'

export const MiB = 2 ** 20
export const GiB = 2 ** 30
export const SECOND = 1000
export const MINUTE = 60 * SECOND

/** A slab cache at a time: bytes, and the size of its objects. */
export interface Cache {
  readonly bytes: number
  readonly objSize: number
}

/** The node at a time (ms): unreclaimable caches add up to SUnreclaim, the others to SReclaimable. */
export interface NodeModel {
  readonly total: number
  /** unreclaimable slab besides the caches */
  readonly other?: (time: number) => number
  readonly cached?: (time: number) => number
  readonly caches?: (time: number) => Readonly<Record<string, Cache>>
}

const RECLAIMABLE: ReadonlySet<string> = new Set(['dentry', 'ext4_inode_cache'])
const formatKib = (bytes: number): string => `${String(Math.round(bytes / 1024)).padStart(8)} kB\n`

function sum(caches: Readonly<Record<string, Cache>>, reclaimable: boolean): number {
  return Object.entries(caches).reduce(
    (all, [name, { bytes }]) => all + (RECLAIMABLE.has(name) === reclaimable ? bytes : 0),
    0,
  )
}

export function formatMeminfo(
  { total, other = () => 0, cached = () => 0, caches = () => ({}) }: NodeModel,
  time: number,
): string {
  const rows = caches(time)
  const unreclaimable = 100 * MiB + other(time) + sum(rows, false)
  const reclaimable = 0.01 * total + sum(rows, true)
  const cache = 0.1 * total + cached(time)
  const anon = 0.3 * total
  const free = total - anon - cache - reclaimable - unreclaimable
  return [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', free + cache + reclaimable / 2],
    ['Buffers', 0],
    ['Cached', cache],
    ['Active', anon],
    ['Inactive', cache],
    ['Unevictable', 0],
    ['AnonPages', anon],
    ['Slab', reclaimable + unreclaimable],
    ['SReclaimable', reclaimable],
    ['SUnreclaim', unreclaimable],
  ]
    .map(([name, value]) => `${`${name}:`.padEnd(15)} ${formatKib(value as number)}`)
    .join('')
}

export function formatSlabinfo({ caches = () => ({}) }: NodeModel, time: number): string {
  const rows = Object.entries({ task_struct: { bytes: 10 * MiB, objSize: 4096 }, ...caches(time) })
  return `slabinfo - version: 2.1\n# name\n${rows
    .map(([name, { bytes, objSize }]) => {
      const slabs = Math.round(bytes / 4096)
      const objects = Math.round(bytes / objSize)
      return `${name} ${objects} ${objects} ${objSize} 8 1 : tunables 0 0 0 : slabdata ${slabs} ${slabs} 0\n`
    })
    .join('')}`
}

const FLAGS = {
  '/sys/kernel/slab/': ['dentry', 'ext4_inode_cache', 'lsm_inode_cache', 'filp', 'kmalloc-64', 'task_struct', ''].join(
    '\n',
  ),
  ...Object.fromEntries(
    ['dentry', 'ext4_inode_cache', 'lsm_inode_cache', 'filp', 'kmalloc-64', 'task_struct'].map(name => [
      `/sys/kernel/slab/${name}/reclaim_account`,
      RECLAIMABLE.has(name) ? '1\n' : '0\n',
    ]),
  ),
}

const START: readonly Reading[] = [
  { time: 0, collector: 'uptime', files: { '/proc/uptime': '900000.00 1.00\n' } },
  { time: 0, collector: 'slab', files: FLAGS },
]

/** A slab growth alert when it was raised, got worse or was resolved. */
export interface AlertChange {
  readonly time: number
  readonly what: 'raised' | 'worse' | 'resolved'
  readonly alert: Alert
}

/** Runs the node with a sample every `step` ms and returns what happened to its alerts. */
export function simulateNode(
  node: NodeModel,
  length: number,
  step = SECOND,
): { readonly events: readonly AlertChange[]; readonly state: AppState } {
  let state = updateState(createInitialState(createHistory(session)), { type: 'readings', readings: START })
  const events: AlertChange[] = []
  for (let time = 0; time <= length; time += step) {
    const readings: Reading[] = [{ time, collector: 'meminfo', files: { '/proc/meminfo': formatMeminfo(node, time) } }]
    if (time % (5 * SECOND) === 0)
      readings.push({ time, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(node, time) } })
    const next = updateState(state, { type: 'readings', readings })
    events.push(...findChanges(state.alerts, next.alerts, time))
    state = next
  }
  return { events, state }
}

function findChanges(before: readonly Alert[], after: readonly Alert[], time: number): readonly AlertChange[] {
  return after.flatMap((alert): readonly AlertChange[] => {
    const old = before.find(({ raisedAt, subject }) => raisedAt === alert.raisedAt && subject === alert.subject)
    if (!old) return [{ time, what: 'raised', alert }]
    if (old.resolvedAt === undefined && alert.resolvedAt !== undefined) return [{ time, what: 'resolved', alert }]
    return old.severity === 'warning' && alert.severity === 'critical' ? [{ time, what: 'worse', alert }] : []
  })
}
