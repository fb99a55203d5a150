// What saved texts of kernel files and programs say, one line each. Pure.
import { formatBytes, formatCount, formatPercent, formatPlural } from '../../base/format.ts'
import type { LogEvidence } from '../evidence.ts'
import type { MemoryRow, Pressure, SavedCgroup, Snapshot } from '../logs/pieces/snapshots.ts'

const MOST = 20

/** A line for each saved text that has numbers; nothing when there is none. */
export function formatSnapshots({ snapshots }: LogEvidence): readonly string[] {
  const lines = snapshots.flatMap(({ snapshot }) => {
    const text = describeSnapshot(snapshot)
    const name = 'what' in snapshot ? snapshot.what : snapshot.kind
    return text === undefined ? [] : [`${name}: ${text}`]
  })
  return lines.length === 0 ? [] : ['WHAT THE FILES SAY', ...lines.slice(0, MOST)]
}

function describeSnapshot(snapshot: Snapshot): string | undefined {
  switch (snapshot.kind) {
    case 'meminfo':
      return `${describeMeminfo(snapshot.values)}${snapshot.nodes ? ` (NUMA ${snapshot.nodes.length === 1 ? 'node' : 'nodes'} ${snapshot.nodes.join(', ')})` : ''}`
    case 'slabinfo':
      return `${formatBytes(sumBytes(snapshot.caches))} listed; ${snapshot.caches
        .slice(0, 3)
        .map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`)
        .join(', ')}`
    case 'free':
      return `${formatBytes(snapshot.total ?? undefined)} RAM, ${formatBytes(snapshot.available ?? snapshot.free ?? undefined)} ${snapshot.available === null ? 'free' : 'available'}${snapshot.kernel === undefined ? '' : `, ${formatBytes(snapshot.kernel)} of kernel memory that is no cache`}`
    case 'swap':
      return `${formatBytes(snapshot.total ?? undefined)}, ${formatBytes(snapshot.free ?? undefined)} free`
    case 'memory.events':
      return `${formatCount(snapshot.values.oom_kill)} OOM kills, limit hit ${formatCount(snapshot.values.max)} times`
    case 'memory pressure':
      return [describePressure('some', snapshot.some), describePressure('full', snapshot.full)]
        .filter(Boolean)
        .join(', ')
    case 'vmstat':
      return describeVmstat(snapshot.values)
    case 'vmstat report':
      return `${formatCount(snapshot.rows)} samples; at most ${formatCount(snapshot.swapIn)} KiB/s swapped in, ${formatCount(snapshot.swapOut)} KiB/s out`
    case 'systemd-cgtop':
      return snapshot.cgroups
        .filter(({ path }) => path !== '/')
        .slice(0, 3)
        .map(({ path, bytes }) => `${path} ${formatBytes(bytes)}`)
        .join(', ')
    case 'memory by name':
      return snapshot.rows.slice(0, 5).map(describeRow).join(', ')
    case 'cgroup files':
      return snapshot.cgroups.slice(0, 5).map(describeCgroup).join('; ')
    case 'kubectl describe':
      return describeDescription(snapshot)
    case 'unit status':
      return snapshot.memory === null && snapshot.line === null
        ? undefined
        : [snapshot.unit, snapshot.memory && `memory ${snapshot.memory}`, snapshot.limit && `limit ${snapshot.limit}`]
            .filter(Boolean)
            .join(', ')
    case 'batch job':
      return snapshot.used === null
        ? undefined
        : `job ${snapshot.id} used ${snapshot.used} of ${snapshot.asked ?? 'an unknown amount'}`
    case 'oom_kill':
      return `${formatCount(snapshot.count)} OOM kills`
    case 'huge pages':
      return snapshot.pools
        .map(
          ({ pageSize, total, free }) =>
            `${formatCount(total ?? undefined)} of ${formatBytes(pageSize)}, ${formatCount(free ?? undefined)} free`,
        )
        .join('; ')
    case 'buddyinfo':
      return describeBuddyinfo(snapshot.zones)
    case 'zoneinfo':
      return describeZones(snapshot.zones)
    default:
      return undefined
  }
}

const describeRow = ({ name, pid, bytes, limit }: MemoryRow): string =>
  `${name}${pid === null ? '' : `[${pid}]`} ${formatBytes(bytes)}${limit === null ? '' : ` of ${formatBytes(limit)}`}`

function describeCgroup(cgroup: SavedCgroup): string {
  const { path, usage, limit, oomKills } = cgroup
  const most = limit === Number.POSITIVE_INFINITY ? ', no limit' : ` of ${formatBytes(limit ?? undefined)}`
  const used =
    usage === null
      ? `usage unknown${describeMemoryStat(cgroup)}${limit === null ? '' : most}`
      : `${formatBytes(usage)}${limit === null ? '' : most}`
  return `${path ?? 'a cgroup'} ${used}${oomKills === null ? '' : `, ${formatCount(oomKills)} OOM kills`}`
}

// of memory.stat alone: its parts are known, not their sum
function describeMemoryStat({ anonymous, file, kernel }: SavedCgroup): string {
  const parts = [
    anonymous === null ? '' : `${formatBytes(anonymous)} anonymous`,
    file === null ? '' : `${formatBytes(file)} page cache`,
    kernel === null ? '' : `${formatBytes(kernel)} kernel memory`,
  ].filter(Boolean)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function describeDescription({ name, namespace, containers, kernel }: DescriptionSnapshot): string {
  const texts = containers.slice(0, 5).map(container => {
    const unlimited = name === null ? 'limit unknown' : 'no memory limit' // a part may lack it
    const limit = container.limit === null ? unlimited : `limit ${container.limit}`
    const state = container.isKilled ? ', OOMKilled' : ''
    const restarts = container.restarts === null ? '' : `, ${formatPlural(container.restarts, 'restart')}`
    return `${container.name === '' ? 'a container' : `container ${container.name}`} ${limit}${state}${restarts}`
  })
  return [[namespace, name].filter(Boolean).join('/'), ...(kernel === null ? [] : [`Linux ${kernel}`]), ...texts]
    .filter(Boolean)
    .join('; ')
}

type DescriptionSnapshot = Extract<Snapshot, { kind: 'kubectl describe' }>

const describePressure = (name: string, pressure: Pressure | null): string =>
  pressure === null ? '' : `${name} ${pressure.avg10} % of the last 10 s, ${pressure.avg60} % of the last minute`

const sumBytes = (items: readonly { readonly bytes: number }[]): number =>
  items.reduce((sum, { bytes }) => sum + bytes, 0)

function describeMeminfo(values: Readonly<Record<string, number>>): string {
  const { MemTotal: total, MemAvailable: available, SUnreclaim: slab } = values
  const huge = (values.HugePages_Total ?? 0) * (values.Hugepagesize ?? 0)
  const parts = [
    total === undefined ? '' : `${formatBytes(total)} RAM`,
    available === undefined ? '' : `${formatBytes(available)} available`,
    slab === undefined
      ? ''
      : `${formatBytes(slab)} of slab cannot be reclaimed${total ? ` (${formatPercent(slab / total)})` : ''}`,
    huge === 0 ? '' : `${formatBytes(huge)} set aside as huge pages`,
  ]
  return parts.filter(Boolean).join(', ')
}

function describeVmstat({ oom_kill: kills, allocstall_normal: stalls }: Readonly<Record<string, number>>): string {
  const parts = [
    kills === undefined ? '' : `${formatCount(kills)} OOM kills since boot`,
    stalls === undefined ? '' : `${formatCount(stalls)} stalls for reclaim in zone Normal`,
  ]
  return parts.filter(Boolean).join(', ') || 'no counter of OOM kills'
}

const LARGE_ORDER = 3

function describeBuddyinfo(zones: Extract<Snapshot, { kind: 'buddyinfo' }>['zones']): string {
  const texts = zones
    .filter(({ name }) => name !== 'DMA')
    .map(({ node, name, blocks }) => {
      const large = blocks.slice(LARGE_ORDER).reduce((sum, count) => sum + count, 0)
      return `node ${node} ${name} ${formatCount(large)} free blocks of order ${LARGE_ORDER} or more`
    })
  return texts.slice(0, 8).join(', ')
}

function describeZones(zones: Extract<Snapshot, { kind: 'zoneinfo' }>['zones']): string {
  const short = zones.filter(({ free, low }) => free !== null && low !== null && free < low)
  return short.length === 0
    ? 'every zone has more free pages than its low mark'
    : short
        .map(
          ({ node, name, free, low }) =>
            `node ${node} ${name} has ${formatCount(free!)} free pages, below its low mark of ${formatCount(low!)}`,
        )
        .join(', ')
}
