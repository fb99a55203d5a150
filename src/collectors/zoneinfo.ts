// /proc/zoneinfo: free pages in the lists of each CPU, which MemFree does not count. Follows mm/vmstat.c (zoneinfo_show_print).
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import type { Collector } from './collector.ts'

const PATH = '/proc/zoneinfo'

/** Pages by zone. From 6.7 on a CPU may keep up to an eighth of its zone (pcp high auto-tuning). */
export interface Zoneinfo {
  readonly zones: readonly { readonly zone: string; readonly pages: number }[]
  /** bytes in the lists of all CPUs; undefined: not read */
  readonly bytes?: number
  readonly series: Series
}

/** Reads /proc/zoneinfo in every sample. */
export const zoneinfo: Collector<Zoneinfo> = {
  kind: 'file',
  nameless: true,
  title: 'free pages in the lists of each CPU',
  optional: true,
  interval: 0,
  // recorded are the sums by zone: the file has some ten lines for each CPU
  openReader: host => () => ({ [PATH]: formatZones(parseZoneinfo(host.readFile(PATH))) }),
  empty: { zones: [], series: createSeries(600) },
  applyFiles: ({ series }, files, time, { pageSize }) => {
    const zones = parseZoneinfo(files[PATH] ?? '')
    const bytes = zones.reduce((sum, { pages }) => sum + pages, 0) * pageSize
    return { zones, bytes, series: appendPoint(series, time, bytes) }
  },
}

// Node 0, zone   Normal
//     cpu: 0
//               count:    3790
const LINE = /^Node (\d+), zone +(\w+)|^ +count: +(\d+)/gm

/** Pages by zone, from the kernel's text or the sums that are recorded. @throws ParseError without a zone */
export function parseZoneinfo(text: string): Zoneinfo['zones'] {
  const zones: { zone: string; pages: number }[] = []
  for (const [, node, name, count] of text.matchAll(LINE)) {
    if (name !== undefined) zones.push({ zone: `${node} ${name}`, pages: 0 })
    else if (zones.length > 0) zones.at(-1)!.pages += Number(count)
  }
  if (zones.length === 0) throw new ParseError(PATH, 1, 'Node 0, zone Normal', text)
  return zones
}

const formatZones = (zones: Zoneinfo['zones']): string =>
  zones
    .filter(({ pages }, i) => pages > 0 || i === 0)
    .map(({ zone, pages }) => `Node ${zone.replace(' ', ', zone ')}\n count: ${pages}\n`)
    .join('')
