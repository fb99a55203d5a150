// Plain text blocks, one per sample: the output without a terminal, or with -b.
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDateTime,
  formatPercent,
  formatShortBytes,
  formatSignedBytes,
} from '../base/format.ts'
import { computeRate, getFirstTime, type Series } from '../base/series.ts'
import { escapeControls } from '../base/text.ts'
import { countReadCgroups, isNodeRoot } from '../collectors/cgroups/tree-queries.ts'
import { findOwner, formatCgroupName } from '../collectors/container-names.ts'
import { toWallTime } from '../collectors/wall-clock.ts'
import type { Alert } from '../detectors/alerts.ts'
import { formatOccurrences, listActiveBySeverity } from '../detectors/alerts.ts'
import { describeForgottenKills } from '../detectors/oom/forgotten-kills.ts'
import { getCorrelatedKills } from '../detectors/oom/oom-correlation.ts'
import { type History, isFailing } from '../history.ts'

const MEMORY = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'AnonPages',
  'Cached',
  'Shmem',
  'SReclaimable',
  'SUnreclaim',
  'KernelStack',
  'PageTables',
  'Percpu',
  'VmallocUsed',
  'unaccounted',
  'SwapUsed',
]
/** Shown unless 0, which they are on most nodes. */
const RARE_MEMORY = ['Buffers', 'Hugetlb', 'SecPageTables', 'GPUActive', 'GPUReclaim']

/** Formats one block of lines without color, ending in an empty line. Safe for a terminal. */
export function formatTextBlock(history: History, alerts: readonly Alert[]): string {
  const lines = [
    formatHeading(history),
    ...formatAlerts(history, alerts),
    formatMemory(history),
    ...formatPressure(history),
    ...formatCgroups(history),
    ...formatSlab(history),
    ...formatKills(history),
    ...formatProblems(history),
  ]
  return `${lines.map(escapeControls).join('\n')}\n\n`
}

function formatHeading({ session, time, cgroups }: History): string {
  return `kmemtop ${formatDateTime(toWallTime(session, time))} ${session.host} Linux ${session.kernel} cgroup ${cgroups.mode}`
}

function formatAlerts(history: History, alerts: readonly Alert[]): readonly string[] {
  return listActiveBySeverity(alerts).map(
    alert =>
      `ALERT ${alert.severity}: ${alert.title}${formatOccurrences(alert, 'x')}: ${alert.summary} (${formatAge(history.time - alert.at)})`,
  )
}

function formatMemory({ meminfo: { values, note } }: History): string {
  const names = [...MEMORY.filter(name => values.has(name)), ...RARE_MEMORY.filter(name => values.get(name))]
  const parts = names.map(name => `${name} ${formatBytes(values.get(name))}`)
  return `memory   ${parts.length > 0 ? parts.join(', ') : 'unknown'}${note === undefined ? '' : ` (${note})`}`
}

function formatPressure({ pressure: { some, full }, vmstat: { series }, time, session }: History): readonly string[] {
  const psi = some ? `some ${formatPercent(some.avg10 / 100)}, full ${formatPercent(full && full.avg10 / 100)}; ` : ''
  const isSingleSample = (counterSeries: Series | undefined) =>
    time - ((counterSeries && getFirstTime(counterSeries)) ?? time) < session.interval / 2 // then there is no rate yet
  const formatRate = (name: 'pgscan_direct' | 'pgscan_kswapd' | 'allocstall'): string =>
    `${name} ${formatCount(isSingleSample(series[name]) ? undefined : computeRate(series[name], time, 5000))}/s`
  return [`pressure ${psi}${formatRate('pgscan_direct')}, ${formatRate('pgscan_kswapd')}, ${formatRate('allocstall')}`]
}

function formatCgroups({ cgroups, names }: History): readonly string[] {
  const { directories, numCgroups, dying } = cgroups
  const known = countReadCgroups(cgroups)
  const unread = known < directories - 1 ? `, usage known of ${formatCount(known)}` : ''
  const formatOwner = (path: string): string =>
    findOwner(names, path) ? ` (${formatCgroupName({ names }, path)})` : ''
  const top = [...cgroups.cgroups.values()]
    .filter(({ path }) => !isNodeRoot(cgroups, path))
    .sort((a, b) => (b.current ?? 0) - (a.current ?? 0))
  return [
    `cgroups  ${formatCount(directories)} directories, ${formatCount(numCgroups ?? undefined)} in the kernel, ${formatCount(dying ?? undefined)} dying${unread}`,
    ...top
      .slice(0, 5)
      .map(
        ({ path, current, limit, oomKill }) =>
          `         ${path}${formatOwner(path)}  ${formatShortBytes(current ?? undefined)}${formatLimit(limit)}, OOM kills ${oomKill ?? 'unknown'}`,
      ),
  ]
}

function formatLimit(limit: number | null): string {
  if (limit === null) return ', limit unknown'
  return Number.isFinite(limit) ? ` of ${formatShortBytes(limit)}` : ', no limit'
}

function formatSlab({ slabinfo: { caches } }: History): readonly string[] {
  const getGrowth = (cache: (typeof caches)[number]): number => cache.bytes - (cache.series.values[0] ?? cache.bytes)
  const top = [...caches].sort((a, b) => getGrowth(b) - getGrowth(a) || b.bytes - a.bytes).slice(0, 5)
  return top.map(
    (cache, i) =>
      `${i === 0 ? 'slab     ' : '         '}${cache.name}  ${formatBytes(cache.bytes)}, ${formatSignedBytes(getGrowth(cache))} since the start`,
  )
}

function formatKills(history: History): readonly string[] {
  const kills = getCorrelatedKills(history)
  const last = kills.at(-1)
  const forgotten = describeForgottenKills(history)
  const unknown = forgotten === undefined ? [] : [`OOM      ${forgotten}`]
  if (!last) return unknown
  const victim = last.kill ? `${last.kill.victim.comm}[${last.kill.victim.pid}]` : `${last.count} unnamed`
  return [
    `OOM      ${kills.length} known, latest ${formatAge(history.time - last.time)}: ${victim} in ${last.cgroup === null ? 'an unknown cgroup' : last.cgroup}`,
    ...unknown,
  ]
}

function formatProblems({ sources }: History): readonly string[] {
  return Object.entries(sources).flatMap(([id, source]) =>
    isFailing(source) ? [`problem  ${id}: ${source.error}${source.hint ? ` (${source.hint})` : ''}`] : [],
  )
}
