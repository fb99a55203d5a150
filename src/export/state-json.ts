// The state as --json prints it: sizes in bytes, times ISO 8601 with seconds since boot beside them, unknown is null.
import type { JsonObject } from '../base/json.ts'
import { sampledIds } from '../collectors/index.ts'
import { formatGfpMask } from '../collectors/kmsg/oom/gfp-mask.ts'
import type { TaskRow, Victim } from '../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../collectors/kmsg/oom/page-size.ts'
import { type Alert, getEndTime } from '../detectors/alerts.ts'
import { toEvidenceObject } from '../detectors/evidence.ts'
import { getLimitUsage } from '../detectors/oom/kill-text.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import type { History } from '../history.ts'
import { toCgroupJson, toCgroupTreeJson, toLimitJson } from './cgroups-json.ts'
import { toIso, toIsoOrNull } from './session-time.ts'
import { toAllocatorsJson, toSlabJson } from './slab-json.ts'

type SectionBuilder = (history: History, alerts: readonly Alert[]) => unknown

const SECTIONS: Readonly<Record<string, SectionBuilder>> = {
  time: ({ session, time }) => toIso(session, time),
  bootSeconds: history => toBootSeconds(history, history.time),
  host: ({ session }) => session.host,
  kernel: ({ session }) => session.kernel,
  uptime: ({ uptime, time }) => (uptime.bootedAt === undefined ? null : Math.round((time - uptime.bootedAt) / 1000)),
  cgroup: toCgroupTreeJson,
  memory: ({ meminfo }) => Object.fromEntries(meminfo.values),
  vmstat: ({ vmstat }) => vmstat.counters,
  ram: ({ meminfo: { account } }) => account ?? null,
  hugePages: ({ hugepages: { pools, transparent = null } }) => ({ transparent, pools }),
  swap: ({ swap: { areas, zram, zswap } }) => ({ areas, zram, zswap: Object.fromEntries(zswap) }),
  zfs: ({ zfs: { arc = null, pages = null } }) => (arc ? { ...arc, pages } : null),
  freeBlocks: ({ buddyinfo: { zones } }) => zones,
  cpuFreeLists: ({ zoneinfo: { bytes = null } }) => bytes,
  numa: ({ numa: { nodes } }) => nodes.map(({ id, values }) => ({ id, ...Object.fromEntries(values) })),
  slab: toSlabJson,
  sockets: ({ sockstat }) => ({ bytes: sockstat.bytes, counts: Object.fromEntries(sockstat.counts) }),
  vmalloc: ({ vmallocinfo }) => toAllocatorsJson(vmallocinfo),
  allocations: ({ allocinfo }) => toAllocatorsJson(allocinfo),
  pressure: ({ pressure }) => ({ some: pressure.some ?? null, full: pressure.full ?? null }),
  cgroups: history => [...history.cgroups.cgroups.values()].map(cgroup => toCgroupJson(history, cgroup)),
  oomKills: history => getCorrelatedKills(history).map(seen => toKillJson(history, seen)),
  alerts: (history, alerts) => alerts.map(alert => toAlertJson(history, alert)),
  kernelLog: ({ kmsg: { read, lost, suppressed } }) => ({ read, lost, suppressedReports: suppressed }),
  sources: toSourcesJson,
}

/**
 * Returns the current state as a value for JSON.stringify. No limit is the string `max`.
 * @param only the keys that are wanted; the others are not built
 */
export function toStateJson(history: History, alerts: readonly Alert[], only?: ReadonlySet<string>): JsonObject {
  const sections = Object.entries(SECTIONS).filter(([name]) => only?.has(name) ?? true)
  return Object.fromEntries(sections.map(([name, section]) => [name, section(history, alerts)]))
}

function toBootSeconds({ session }: History, time: number): number | null {
  return session.monotonic === undefined ? null : Math.round(session.monotonic + time) / 1000
}

/** Returns an OOM kill as JSON. A kill that only a counter shows has a count and no victim. */
export function toKillJson(history: History, correlated: CorrelatedKill): JsonObject {
  const { kill, time, cgroup, count, confirmedBy } = correlated
  const { usage, limit } = getLimitUsage(correlated, history)
  return {
    time: toIso(history.session, time),
    bootSeconds: toBootSeconds(history, time),
    count,
    constraint: kill?.constraint ?? null,
    global: kill?.global ?? null,
    complete: kill?.complete ?? false,
    invoker: kill?.invoker ? { ...kill.invoker, gfp: formatGfpMask(kill.invoker.gfpMask) } : null,
    oomMemcg: kill?.oomMemcg == null ? null : kill.oomMemcg,
    taskMemcg: cgroup === null ? null : cgroup,
    victim: kill ? toVictimJson(kill.victim) : null,
    alsoKilled: kill?.alsoKilled.map(toVictimJson) ?? [],
    usage,
    limit: toLimitJson(limit),
    failcnt: kill?.memory?.failcnt ?? null,
    kmem: kill?.kmem ? { usage: kill.kmem.usage, limit: toLimitJson(kill.kmem.limit) } : null,
    [kill?.kmem ? 'memorySwap' : 'swap']: kill?.swap
      ? { usage: kill.swap.usage, limit: toLimitJson(kill.swap.limit) }
      : null,
    tasks: kill?.tasks.map(task => toTaskJson(task, estimatePageSize(kill) ?? history.session.pageSize)) ?? [],
    unreclaimableSlab: kill?.unreclaimableSlab ?? [],
    witnesses: confirmedBy,
    logLines: kill?.logLines ?? null,
  }
}

// The kernel prints sizes in pages, except pgtables_bytes.
const NOT_SIZES: ReadonlySet<string> = new Set(['uid', 'tgid', 'pgtables_bytes', 'oom_score_adj'])

const toCamelCase = (name: string): string =>
  name.replace(/_bytes$/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

function toTaskJson({ pid, comm, columns }: TaskRow, pageSize: number): JsonObject {
  const sizes = Object.entries(columns).map(([name, value]) => [
    toCamelCase(name),
    NOT_SIZES.has(name) ? value : value * pageSize,
  ])
  return { pid, comm, ...Object.fromEntries(sizes) }
}

const toVictimJson = (victim: Victim): JsonObject => ({ ...victim })

/** Returns an alert as JSON. */
export function toAlertJson(history: History, alert: Alert): JsonObject {
  const {
    detector,
    subject,
    kind,
    severity,
    title,
    summary,
    count,
    since,
    at,
    raisedAt,
    criticalAt,
    resolvedAt,
    acknowledgedAt,
    evidence,
    remedy,
    confidence = null,
    confirm = null,
    cost = null,
    holders = null,
  } = alert
  const { session } = history
  const times = {
    since: toIso(session, since),
    at: toIso(session, at),
    raisedAt: toIso(session, raisedAt),
    criticalAt: toIsoOrNull(session, criticalAt),
    endedAt: toIsoOrNull(session, getEndTime(alert)),
    resolvedAt: toIsoOrNull(session, resolvedAt),
    acknowledgedAt: toIsoOrNull(session, acknowledgedAt),
  }
  return {
    detector,
    subject,
    kind,
    severity,
    title,
    summary,
    count: count ?? 1,
    ...times,
    confidence,
    evidence: toEvidenceObject(evidence),
    facts: evidence,
    confirm,
    remedy,
    cost,
    holders,
  }
}

/** Returns the status of each source. */
export function toSourcesJson(history: History): readonly JsonObject[] {
  return sampledIds.map(id => {
    const source = history.sources[id]
    if (!source) return { id, ok: false, error: 'not read', hint: null, note: null, costMs: null, intervalMs: null }
    const { error = null, hint = null, note = null, cost, interval } = source
    return { id, ok: error === null, error, hint, note, costMs: cost, intervalMs: interval }
  })
}
