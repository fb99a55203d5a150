// The series that findings name as evidence: `meminfo SUnreclaim`, `cgroups dying`, `cgroup /kubepods`, `cache filp` …
import type { Series } from '../base/series.ts'
import { formatCgroupName } from '../collectors/container-names.ts'
import type { History } from '../history.ts'

/** A series with its unit, and its name in words. */
export interface EvidenceSeries {
  readonly name: string
  readonly series: Series
  readonly unit: 'bytes' | 'count' | 'percent'
}

/** Finds the series with a name, or undefined where this history does not have it. */
export function findEvidenceSeries(history: History, name: string): EvidenceSeries | undefined {
  const [kind = '', ...rest] = name.split(' ')
  const key = rest.join(' ')
  const result = SERIES_LOOKUPS[kind]?.(history, key)
  return result?.series && result.series.length > 0
    ? {
        name: kind === 'cgroup' ? formatCgroupName(history, key) : (SERIES_NAMES[name] ?? key),
        unit: result.unit,
        series: result.series,
      }
    : undefined
}

// Counters of kmemtop in the words of its tables; kernel counters keep their names.
const SERIES_NAMES: Readonly<Record<string, string>> = {
  'cgroups numCgroups': 'kernel memcgs',
  'cgroups directories': 'live cgroups',
  'cgroups dying': 'dying cgroups',
  'vmstat oom_kill': 'OOM kills',
  'sockstat bytes': 'socket memory',
  'psi some': 'PSI some',
  'psi full': 'PSI full',
}

type SeriesLookup = (
  history: History,
  key: string,
) => { readonly series: Series | undefined; readonly unit: EvidenceSeries['unit'] }

const getSeries = <T extends object>(record: T, key: string): Series | undefined =>
  Object.hasOwn(record, key) ? (record[key as keyof T] as Series) : undefined

const SERIES_LOOKUPS: Readonly<Record<string, SeriesLookup>> = {
  meminfo: ({ meminfo }, key) => ({ series: getSeries(meminfo.series, key), unit: 'bytes' }),
  vmstat: ({ vmstat }, key) => ({ series: getSeries(vmstat.series, key), unit: 'count' }),
  cgroups: ({ cgroups }, key) => ({ series: getSeries(cgroups.series, key), unit: 'count' }),
  cgroup: ({ cgroups }, key) => ({ series: cgroups.cgroups.get(key)?.series, unit: 'bytes' }),
  cache: ({ slabinfo }, key) => ({ series: slabinfo.caches.find(({ name }) => name === key)?.series, unit: 'bytes' }),
  psi: ({ pressure }, key) => ({ series: getSeries(pressure.series, key), unit: 'percent' }),
  log: ({ applog }, key) => ({ series: applog.get(key)?.errors, unit: 'count' }),
  sockstat: ({ sockstat }, key) => ({
    series: getSeries(sockstat.series, key),
    unit: key === 'bytes' ? 'bytes' : 'count',
  }),
  buddyinfo: ({ buddyinfo }) => ({ series: buddyinfo.large, unit: 'count' }),
}
