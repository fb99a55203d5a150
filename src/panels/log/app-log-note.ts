// What the title of the log panel says of application logs: their lines and errors per second.
import { formatPlural, formatRate } from '../../base/format.ts'
import { computeGrowthSince, type Series } from '../../base/series.ts'
import { SECOND } from '../../base/units.ts'
import type { History } from '../../history.ts'

const WINDOW = 10 * SECOND

/** `120/s lines, 3/s errors in app.log` over the last ten seconds, of all logs together; empty without any. */
export function describeAppLogRates({ applog, time }: History): string {
  if (applog.size === 0) return ''
  const logs = [...applog.values()]
  const name = applog.size === 1 ? [...applog.keys()][0]! : formatPlural(applog.size, 'application log')
  const sum = (pick: (log: (typeof logs)[number]) => Series): string =>
    formatRate(logs.reduce((total, log) => total + computeRecentRate(pick(log), time), 0))
  return `${sum(({ lines }) => lines)} lines, ${sum(({ errors }) => errors)} errors in ${name}`
}

// Per second over the window, also for a log that had its first line within it: it was watched before.
const computeRecentRate = (series: Series, time: number): number =>
  computeGrowthSince(series, time - WINDOW) / (Math.max(SECOND, Math.min(WINDOW, time)) / SECOND)
