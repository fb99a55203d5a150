// What of a node becomes metrics, for those who serve and those who push.
import { InvalidArgumentError, Option } from 'commander'

/** How many series there are. */
export interface MetricsOptions {
  /** so many of the largest cgroups have series of their own */
  readonly cgroupSeries: number
  /** `all`: also the series that few dashboards need */
  readonly metrics: 'default' | 'all'
}

const MAX_CGROUPS = 500

function parseCgroupSeries(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!(count <= MAX_CGROUPS)) throw new InvalidArgumentError(`expected a whole number from 0 to ${MAX_CGROUPS}.`)
  return count
}

/** The options of `MetricsOptions`. */
export const metricsOptions: readonly Option[] = [
  new Option('--metrics <set>', 'default: about 60 series per node; all: also every detector and every source')
    .choices(['default', 'all'])
    .default('default'),
  new Option(
    '--cgroup-series <count>',
    'metrics of this many of the largest cgroups, besides those that an alert is about',
  )
    .default(0)
    .argParser(parseCgroupSeries),
]
