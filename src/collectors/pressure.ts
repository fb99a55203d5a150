// /proc/pressure/memory: pressure stall information. Follows Documentation/accounting/psi.rst.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { splitLines } from '../base/text.ts'
import { type Collector, createFileReader } from './collector.ts'

const PATH = '/proc/pressure/memory'

/** Share of time that tasks waited for memory (percent, averages over 10, 60 and 300 s), and the total in microseconds. */
export interface PsiAverages {
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
  readonly total: number
}

/** `some`: at least one task waited; `full`: all runnable tasks waited. */
export interface PsiStalls {
  readonly some: PsiAverages
  readonly full?: PsiAverages
}

/** PSI of memory; without `some` the kernel has none or it was not read. */
export interface Pressure extends Partial<PsiStalls> {
  /** history of avg10, percent */
  readonly series: { readonly some: Series; readonly full: Series }
}

/** Reads /proc/pressure/memory in every sample (PSI, since 4.20). */
export const pressure: Collector<Pressure> = {
  kind: 'file',
  nameless: true,
  title: 'memory pressure (PSI)',
  optional: true,
  interval: 0,
  openReader: host => createFileReader(host, PATH),
  empty: { series: { some: createSeries(600), full: createSeries(600) } },
  applyFiles: ({ series }, files, time) => {
    const { some, full } = parsePressure(files[PATH] ?? '')
    return {
      some,
      ...(full ? { full } : {}),
      series: {
        some: appendPoint(series.some, time, some.avg10),
        full: full ? appendPoint(series.full, time, full.avg10) : series.full,
      },
    }
  },
  explainError: code =>
    code === 'ENOENT' || code === 'EOPNOTSUPP'
      ? 'no PSI: needs Linux 4.20 with CONFIG_PSI, and psi=1 where it is off by default'
      : undefined,
}

// some avg10=0.00 avg60=0.00 avg300=0.00 total=0
const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/

/** Parses a PSI file of the node or of a cgroup. @throws ParseError without a `some` line */
export function parsePressure(text: string, path = PATH): PsiStalls {
  const stalls: Record<string, PsiAverages> = {}
  for (const line of splitLines(text)) {
    const match = LINE.exec(line)
    if (!match) continue
    const [avg10, avg60, avg300, total] = match.slice(2).map(Number) as [number, number, number, number]
    stalls[match[1]!] = { avg10, avg60, avg300, total }
  }
  const { some, full } = stalls
  if (!some) throw new ParseError(path, 1, 'some avg10=… avg60=… avg300=… total=…', text)
  return full ? { some, full } : { some }
}
