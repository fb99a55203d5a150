// The questions that a fleet is seen by. Each answer has one row per node or less, or per finding: never all series.

/** The answers of one refresh. */
export const QUERY_IDS = [
  'nodes',
  'silent',
  'open',
  'timeLeft',
  'growth',
  'growthBefore',
  'kills',
  'available',
] as const
/** The name of a question to Prometheus. */
export type QueryId = (typeof QUERY_IDS)[number]

/** What the questions depend on. */
export interface QueryOptions {
  /** the label `job` of kmemtop's targets */
  readonly job: string
  /** a label to group nodes by, besides the kernel */
  readonly groupBy: string | undefined
  /** whether the recording rules of deploy/prometheus are there */
  readonly hasRules: boolean
}

/** Bytes per second of SUnreclaim from which a node counts as growing: 10 MiB an hour. */
export const GROWING_RATE = 2913
const MAX_ROWS = 500
const HOURS_BEFORE = 6

// Bytes per second of SUnreclaim over the hour that ended so many minutes ago. A node that reported for less than half of it has
// none: the rate of a few minutes is noise.
function formatGrowth(minutesAgo: number): string {
  const metric = 'kmemtop_meminfo_bytes{name="SUnreclaim"}'
  const range = `${metric}[1h]${minutesAgo === 0 ? '' : ` offset ${minutesAgo}m`}`
  return `max by (instance) (deriv(${range}) and ${metric} offset ${minutesAgo + 30}m)`
}

const quoteValue = (text: string): string => JSON.stringify(text)

/** Returns the PromQL of each question. With recording rules each is a lookup. */
export function buildQueries({ job, groupBy, hasRules }: QueryOptions): Readonly<Record<QueryId, string>> {
  const by = ['instance', 'kernel', 'cgroups', ...(groupBy === undefined ? [] : [groupBy])].join(', ')
  const own = `{job=${quoteValue(job)}}`
  const growth = hasRules ? 'node:kmemtop_sunreclaim_bytes:deriv1h' : formatGrowth(0)
  const growthBefore = hasRules ? `${growth} offset ${HOURS_BEFORE}h` : formatGrowth(HOURS_BEFORE * 60)
  const total = 'kmemtop_oom_kills_total'
  return {
    nodes: `max by (${by}) (kmemtop_build_info)`,
    silent: `max by (instance) (up${own}) == 0`,
    open: hasRules ? 'node:kmemtop_alert_severity:open' : 'max by (instance, detector) (kmemtop_alert_severity) > 0',
    timeLeft: hasRules ? 'node:kmemtop_time_left_seconds:min' : 'min by (instance) (kmemtop_alert_time_left_seconds)',
    growth: `topk(${MAX_ROWS}, ${growth} > ${GROWING_RATE})`,
    growthBefore: `count(${growthBefore} > ${GROWING_RATE})`,
    kills: hasRules
      ? 'pod:kmemtop_oom_kills:increase1h'
      : `sum by (instance, namespace, pod) (${total} unless ${total} offset 1h or increase(${total}[1h])) > 0`,
    available: `bottomk(${MAX_ROWS}, max by (instance) (kmemtop_meminfo_bytes{name="MemAvailable"}) / max by (instance) (kmemtop_meminfo_bytes{name="MemTotal"}))`,
  }
}

/** Whether the recording rules are there: an answer with a row. */
export const RULES_QUERY = 'count(node:kmemtop_alert_severity:max)'

/** What the page of a node is drawn from, one series each. */
export const buildNodeQueries = (instance: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ['MemAvailable', 'SUnreclaim', 'AnonPages'].map(name => [
      name,
      `max(kmemtop_meminfo_bytes{instance=${quoteValue(instance)},name=${quoteValue(name)}})`,
    ]),
  )
