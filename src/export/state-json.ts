// The `state` shape of --json: sizes in bytes, times ISO 8601 with seconds since boot beside them, unknown is null.
import { sampledIds } from '../collectors/index.ts'
import { formatGfpMask } from '../collectors/kmsg/gfp.ts'
import type { TaskRow, Victim } from '../collectors/kmsg/oom-kill.ts'
import { estimatePageSize } from '../collectors/kmsg/page-size.ts'
import type { Alert } from '../detectors/alerts.ts'
import { getLimitUsage } from '../detectors/oom-kill.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../detectors/witnesses.ts'
import type { History } from '../history.ts'
import { censusJson, cgroupJson, limitJson } from './cgroups-json.ts'
import { holdersJson, slabJson } from './slab-json.ts'

type Json = Readonly<Record<string, unknown>>

type Section = (history: History, alerts: readonly Alert[]) => unknown

const SECTIONS: Readonly<Record<string, Section>> = {
  time: history => isoOf(history)(history.time),
  bootSeconds: history => bootSeconds(history, history.time),
  host: ({ session }) => session.host,
  kernel: ({ session }) => session.kernel,
  uptime: ({ uptime, time }) => (uptime.bootedAt === undefined ? null : Math.round((time - uptime.bootedAt) / 1000)),
  cgroup: censusJson,
  memory: ({ meminfo }) => Object.fromEntries(meminfo.values),
  vmstat: ({ vmstat }) => vmstat.counters,
  slab: slabJson,
  sockets: ({ sockstat }) => ({ bytes: sockstat.bytes, counts: Object.fromEntries(sockstat.counts) }),
  vmalloc: ({ vmallocinfo }) => holdersJson(vmallocinfo),
  allocations: ({ allocinfo }) => holdersJson(allocinfo),
  pressure: ({ pressure }) => ({ some: pressure.some ?? null, full: pressure.full ?? null }),
  cgroups: history => [...history.cgroups.cgroups.values()].map(cgroup => cgroupJson(history, cgroup)),
  oomKills: history => getCorrelatedKills(history).map(seen => killJson(history, seen)),
  alerts: (history, alerts) => alerts.map(alert => alertJson(history, alert)),
  kernelLog: ({ kmsg: { read, lost, suppressed } }) => ({ read, lost, suppressedReports: suppressed }),
  sources: sourcesJson,
}

/**
 * What is known now, as one value that JSON.stringify can print. No limit is the string `max`.
 * @param only its keys that are wanted: the others cost nothing
 */
export function stateJson(history: History, alerts: readonly Alert[], only?: ReadonlySet<string>): Json {
  const sections = Object.entries(SECTIONS).filter(([name]) => only?.has(name) ?? true)
  return Object.fromEntries(sections.map(([name, section]) => [name, section(history, alerts)]))
}

const isoOf =
  (history: History) =>
  (time: number): string =>
    new Date(history.session.wallClock + time).toISOString()

function bootSeconds({ session }: History, time: number): number | null {
  return session.monotonic === undefined ? null : Math.round(session.monotonic + time) / 1000
}

/** An OOM kill as DESIGN's `oomKill` shape; a kill that only a counter saw has a null victim and a count. */
export function killJson(history: History, seen: CorrelatedKill): Json {
  const { kill, time, cgroup, count, witnesses } = seen
  const { usage, limit } = getLimitUsage(seen, history)
  return {
    time: isoOf(history)(time),
    bootSeconds: bootSeconds(history, time),
    count,
    constraint: kill?.constraint ?? null,
    global: kill?.global ?? null,
    complete: kill?.complete ?? false,
    invoker: kill?.invoker ? { ...kill.invoker, gfp: formatGfpMask(kill.invoker.gfpMask) } : null,
    oomMemcg: kill?.oomMemcg == null ? null : kill.oomMemcg,
    taskMemcg: cgroup === null ? null : cgroup,
    victim: kill ? victimJson(kill.victim) : null,
    alsoKilled: kill?.alsoKilled.map(victimJson) ?? [],
    usage,
    limit: limitJson(limit),
    failcnt: kill?.memory?.failcnt ?? null,
    kmem: kill?.kmem ? { usage: kill.kmem.usage, limit: limitJson(kill.kmem.limit) } : null,
    [kill?.kmem ? 'memorySwap' : 'swap']: kill?.swap
      ? { usage: kill.swap.usage, limit: limitJson(kill.swap.limit) }
      : null,
    tasks: kill?.tasks.map(task => taskJson(task, estimatePageSize(kill) ?? history.session.pageSize)) ?? [],
    unreclaimableSlab: kill?.unreclaimableSlab ?? [],
    witnesses,
    logLines: kill?.logLines ?? null,
  }
}

// The kernel prints pages, but for pgtables_bytes and what is no size.
const NO_SIZE: ReadonlySet<string> = new Set(['uid', 'tgid', 'pgtables_bytes', 'oom_score_adj'])

const camel = (name: string): string =>
  name.replace(/_bytes$/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

function taskJson({ pid, comm, columns }: TaskRow, pageSize: number): Json {
  const sizes = Object.entries(columns).map(([name, value]) => [
    camel(name),
    NO_SIZE.has(name) ? value : value * pageSize,
  ])
  return { pid, comm, ...Object.fromEntries(sizes) }
}

const victimJson = (victim: Victim): Json => ({ ...victim })

/** An alert as DESIGN's `alert` shape. */
export function alertJson(history: History, alert: Alert): Json {
  const iso = isoOf(history)
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
    resolvedAt,
    acknowledgedAt,
    evidence,
    remedy,
    confidence = null,
    confirm = null,
    cost = null,
  } = alert
  const when = (time: number | undefined): string | null => (time === undefined ? null : iso(time))
  const life = {
    since: iso(since),
    at: iso(at),
    raisedAt: iso(raisedAt),
    resolvedAt: when(resolvedAt),
    acknowledgedAt: when(acknowledgedAt),
  }
  return {
    detector,
    subject,
    kind,
    severity,
    title,
    summary,
    count: count ?? 1,
    ...life,
    confidence,
    evidence,
    confirm,
    remedy,
    cost,
  }
}

/** How each source is doing. */
export function sourcesJson(history: History): readonly Json[] {
  return sampledIds.map(id => {
    const source = history.sources[id]
    if (!source) return { id, ok: false, error: 'not read', hint: null, costMs: null, intervalMs: null }
    const { error = null, hint = null, cost, interval } = source
    return { id, ok: error === null, error, hint, costMs: cost, intervalMs: interval }
  })
}
