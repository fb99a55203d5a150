// /proc/spl/kstat/zfs: the ARC, the cache of ZFS. Follows OpenZFS module/zfs/arc.c (arc_stats) and module/os/linux/zfs/abd_os.c (abd_stats).
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const ARC = '/proc/spl/kstat/zfs/arcstats'
const ABD = '/proc/spl/kstat/zfs/abdstats'

/** The ARC, bytes; undefined: no ZFS here. */
export interface ZfsCache {
  readonly arc?: ZfsArc
  /** blocks of the ARC in pages of their own; the rest of it is in slab caches and vmalloc */
  readonly pages?: number
  /** size of the ARC over time */
  readonly series: Series
}

/** Sizes of the ARC, bytes. ZFS gives memory back down to `least` when the node runs short. */
export interface ZfsArc {
  readonly size: number
  /** c: the size that ZFS aims at */
  readonly target: number
  /** c_min */
  readonly least: number
  /** c_max */
  readonly most: number
  /** metadata in it; absent before OpenZFS 0.7 */
  readonly metadata?: number
}

/** Reads the size of the ARC every 5 s, where ZFS is loaded. */
export const zfs: Collector<ZfsCache> = {
  kind: 'file',
  nameless: true,
  title: 'ZFS cache (ARC)',
  optional: true,
  interval: 5000,
  openReader: host => createFileReader(host, ARC, ABD),
  empty: { series: createSeries(600) },
  applyFiles: (state, files, time) => {
    const arc = files[ARC] ? parseArc(files[ARC]) : state.arc
    const pages = files[ABD] ? parseAbdPages(files[ABD]) : state.pages
    return {
      ...(arc === undefined ? {} : { arc }),
      ...(pages === undefined ? {} : { pages }),
      series: arc === undefined ? state.series : appendPoint(state.series, time, arc.size),
    }
  },
  explainError: code => (code === 'ENOENT' ? 'no ZFS module is loaded' : undefined),
}

/** @throws ParseError without `size` */
export function parseArc(text: string): ZfsArc {
  const values = parseKstat(text)
  const size = values.get('size')
  if (size === undefined) throw new ParseError(ARC, 1, 'size 4 BYTES', text)
  const metadata = values.get('arc_meta_used') ?? values.get('metadata_size')
  return {
    size,
    target: values.get('c') ?? size,
    least: values.get('c_min') ?? 0,
    most: values.get('c_max') ?? size,
    ...(metadata === undefined ? {} : { metadata }),
  }
}

function parseAbdPages(text: string): number {
  const values = parseKstat(text)
  return (values.get('scatter_data_size') ?? 0) + (values.get('scatter_chunk_waste') ?? 0)
}

// size                            4    17179869184
function parseKstat(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const line of splitLines(text)) {
    const [, name, value] = /^(\w+)\s+\d+\s+(\d+)$/.exec(line) ?? []
    if (name !== undefined) values.set(name, Number(value))
  }
  return values
}
