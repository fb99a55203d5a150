// What of a node becomes metrics, for those who serve and those who push.
import { InvalidArgumentError, Option } from 'commander'

/** How many series there are. */
export interface MetricsOptions {
  /** so many of the largest cgroups have series of their own */
  readonly cgroupSeries: number
}

const MAX_CGROUPS = 500

function parseCgroupSeries(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!(count <= MAX_CGROUPS)) throw new InvalidArgumentError(`expected a whole number from 0 to ${MAX_CGROUPS}.`)
  return count
}

/** The options of `MetricsOptions`. */
export const metricsOptions: readonly Option[] = [
  new Option(
    '--cgroup-series <count>',
    'metrics of this many of the largest cgroups, besides those that an alert is about',
  )
    .default(0)
    .argParser(parseCgroupSeries),
]
