// What the title of the log panel says of application logs: their lines and errors per second.
import { formatPlural, formatRate } from '../../base/format.ts'
import { getLatest, getValueAt, type Series } from '../../base/series.ts'
import type { History } from '../../history.ts'

const WINDOW = 10_000 // ms

/** `120/s lines, 3/s errors in app.log` over the last ten seconds, of all logs together; empty without any. */
export function describeAppLogRates({ applog, time }: History): string {
  if (applog.size === 0) return ''
  const logs = [...applog.values()]
  const name = applog.size === 1 ? [...applog.keys()][0]! : formatPlural(applog.size, 'application log')
  const sum = (pick: (log: (typeof logs)[number]) => Series): string =>
    formatRate(logs.reduce((total, log) => total + computeRate(pick(log), time), 0))
  return `${sum(({ lines }) => lines)} lines, ${sum(({ errors }) => errors)} errors in ${name}`
}

// Per second. The series counts from the beginning of the session.
const computeRate = (series: Series, time: number): number =>
  ((getLatest(series) ?? 0) - (getValueAt(series, time - WINDOW) ?? 0)) /
  (Math.max(1000, Math.min(WINDOW, time)) / 1000)
