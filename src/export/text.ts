// Plain text blocks, one a look: what is printed when there is no terminal, or with -b.
import { formatAge, formatBytes, formatCount, formatDateTime, formatPercent, formatShortBytes, formatSignedBytes } from '../base/format.ts'
import { getFirstTime, computeRate, type Series } from '../base/series.ts'
import { escapeControls } from '../base/text.ts'
import { countReadCgroups, isNodeRoot } from '../collectors/cgroups/census.ts'
import { formatCgroupName, findOwner } from '../collectors/names.ts'
import type { Alert } from '../detectors/alerts.ts'
import { listActiveBySeverity } from '../detectors/alerts.ts'
import { getCorrelatedKills } from '../detectors/witnesses.ts'
import type { History } from '../history.ts'

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

/** One block of lines without colour, ending in an empty line. Safe for a terminal. */
export function textBlock(history: History, alerts: readonly Alert[]): string {
  const lines = [
    heading(history),
    ...alertLines(history, alerts),
    memoryLine(history),
    ...pressureLines(history),
    ...cgroupLines(history),
    ...slabLines(history),
    ...killLines(history),
    ...problemLines(history),
  ]
  return `${lines.map(escapeControls).join('\n')}\n\n`
}

function heading({ session, time, cgroups }: History): string {
  return `kmemtop ${formatDateTime(session.wallClock + time)} ${session.host} Linux ${session.kernel} cgroup ${cgroups.mode}`
}

function alertLines(history: History, alerts: readonly Alert[]): readonly string[] {
  return listActiveBySeverity(alerts).map(
    ({ severity, title, summary, count: times, at }) =>
      `ALERT ${severity}: ${title}${(times ?? 1) > 1 ? ` x${times}` : ''}: ${summary} (${formatAge(history.time - at)})`,
  )
}

function memoryLine({ meminfo: { values } }: History): string {
  const parts = MEMORY.filter(name => values.has(name)).map(name => `${name} ${formatBytes(values.get(name))}`)
  return `memory   ${parts.length > 0 ? parts.join(', ') : 'not known'}`
}

function pressureLines({ pressure: { some, full }, vmstat: { series }, time, session }: History): readonly string[] {
  const psi = some ? `some ${formatPercent(some.avg10 / 100)}, full ${formatPercent(full && full.avg10 / 100)}; ` : ''
  const isOneLook = (course: Series | undefined) =>
    time - ((course && getFirstTime(course)) ?? time) < session.interval / 2 // no rate yet
  const rate = (name: 'pgscan_direct' | 'pgscan_kswapd' | 'allocstall'): string =>
    `${name} ${formatCount(isOneLook(series[name]) ? undefined : computeRate(series[name], time, 5000))}/s`
  return [`pressure ${psi}${rate('pgscan_direct')}, ${rate('pgscan_kswapd')}, ${rate('allocstall')}`]
}

function cgroupLines({ cgroups, names }: History): readonly string[] {
  const { directories, numCgroups, dying } = cgroups
  const known = countReadCgroups(cgroups)
  const unread = known < directories - 1 ? `, use read of ${formatCount(known)}` : ''
  const named = (path: string): string => (findOwner(names, path) ? ` (${formatCgroupName({ names }, path)})` : '')
  const top = [...cgroups.cgroups.values()]
    .filter(({ path }) => !isNodeRoot(cgroups, path))
    .sort((a, b) => (b.current ?? 0) - (a.current ?? 0))
  return [
    `cgroups  ${formatCount(directories)} directories, ${formatCount(numCgroups ?? undefined)} in the kernel, ${formatCount(dying ?? undefined)} dying${unread}`,
    ...top
      .slice(0, 5)
      .map(
        ({ path, current, limit, oomKill }) =>
          `         ${path}${named(path)}  ${formatShortBytes(current ?? undefined)} of ${limit === null ? '?' : Number.isFinite(limit) ? formatShortBytes(limit) : 'no limit'}, OOM kills ${oomKill ?? 'not counted'}`,
      ),
  ]
}

function slabLines({ slabinfo: { caches } }: History): readonly string[] {
  const gained = (cache: (typeof caches)[number]): number => cache.bytes - (cache.series.values[0] ?? cache.bytes)
  const top = [...caches].sort((a, b) => gained(b) - gained(a) || b.bytes - a.bytes).slice(0, 5)
  return top.map(
    (cache, i) =>
      `${i === 0 ? 'slab     ' : '         '}${cache.name}  ${formatBytes(cache.bytes)}, ${formatSignedBytes(gained(cache))} since the start`,
  )
}

function killLines(history: History): readonly string[] {
  const kills = getCorrelatedKills(history)
  const last = kills.at(-1)
  if (!last) return []
  const who = last.kill ? `${last.kill.victim.comm}[${last.kill.victim.pid}]` : `${last.count} not named`
  return [
    `OOM      ${kills.length} known, the last ${formatAge(history.time - last.time)}: ${who} in ${last.cgroup === null ? 'not told' : last.cgroup}`,
  ]
}

function problemLines({ sources }: History): readonly string[] {
  return Object.entries(sources).flatMap(([id, { error, hint, absent }]) =>
    error === undefined || absent ? [] : [`problem  ${id}: ${error}${hint ? ` (${hint})` : ''}`],
  )
}
