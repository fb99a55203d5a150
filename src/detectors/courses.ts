// Courses: the series that a finding names as evidence. `meminfo SUnreclaim`, `cgroups dying`, `cgroup /kubepods`, `cache filp` …
import type { Series } from '../base/series.ts'
import type { History } from '../history.ts'

/** What a course counts, which says how to write it. */
export interface Course {
  readonly name: string
  readonly series: Series
  readonly unit: 'bytes' | 'count' | 'percent'
}

/** The course of a name; undefined when this history does not have it. */
export function courseOf(history: History, name: string): Course | undefined {
  const [kind = '', ...rest] = name.split(' ')
  const key = rest.join(' ')
  const found = SOURCES[kind]?.(history, key)
  return found?.series && found.series.length > 0 ? { name: key, unit: found.unit, series: found.series } : undefined
}

type Source = (history: History, key: string) => { readonly series: Series | undefined; readonly unit: Course['unit'] }

const of = <T extends object>(record: T, key: string): Series | undefined =>
  Object.hasOwn(record, key) ? (record[key as keyof T] as Series) : undefined

const SOURCES: Readonly<Record<string, Source>> = {
  meminfo: ({ meminfo }, key) => ({ series: of(meminfo.series, key), unit: 'bytes' }),
  vmstat: ({ vmstat }, key) => ({ series: of(vmstat.series, key), unit: 'count' }),
  cgroups: ({ cgroups }, key) => ({ series: of(cgroups.series, key), unit: 'count' }),
  cgroup: ({ cgroups }, key) => ({ series: cgroups.cgroups.get(key)?.series, unit: 'bytes' }),
  cache: ({ slabinfo }, key) => ({ series: slabinfo.caches.find(({ name }) => name === key)?.series, unit: 'bytes' }),
  psi: ({ pressure }, key) => ({ series: of(pressure.series, key), unit: 'percent' }),
  buddyinfo: ({ buddyinfo }) => ({ series: buddyinfo.large, unit: 'count' }),
}
