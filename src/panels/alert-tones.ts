// Which rows an active alert is about, and the tone that lights them: one color per severity, everywhere.
import { type Alert, isOngoing } from '../detectors/alerts.ts'
import { SEVERITY_RANK, type Severity } from '../detectors/detector.ts'
import type { Tone } from '../widgets/pen.ts'

/** Returns the tone of a severity. */
export const getSeverityTone = (severity: Severity): Tone => (severity === 'info' ? 'accent' : severity)

/** Returns the tone of the most severe active alert about a row of meminfo: `normal` without one. */
export const getCounterTone = (alerts: readonly Alert[], name: string): Tone =>
  getWorstTone(alerts.filter(alert => isOngoing(alert) && findCounter(alert) === name))

/** Returns the tone of the most severe active alert that names a slab cache. */
export const getCacheTone = (alerts: readonly Alert[], name: string): Tone =>
  getWorstTone(
    alerts.filter(
      alert =>
        isOngoing(alert) &&
        (alert.caches?.includes(name) === true || alert.evidenceSeries?.includes(`cache ${name}`) === true),
    ),
  )

/** Returns the tone of the most severe active alert about a cgroup. */
export const getCgroupTone = (alerts: readonly Alert[], path: string): Tone =>
  getWorstTone(
    alerts.filter(
      alert =>
        isOngoing(alert) && (alert.subject === path || alert.evidenceSeries?.includes(`cgroup ${path}`) === true),
    ),
  )

const CGROUP = 'cgroup '

/** Returns the paths of the cgroups that active alerts are about: the most severe alert first, of an alert the deepest first. */
export const listLitCgroups = (alerts: readonly Alert[]): readonly string[] =>
  sortBySeverity(alerts.filter(isOngoing)).flatMap(({ subject, evidenceSeries = [] }) => {
    const drawn = evidenceSeries.filter(name => name.startsWith(CGROUP)).map(name => name.slice(CGROUP.length))
    return [...drawn, subject].toSorted((a, b) => b.split('/').length - a.split('/').length)
  })

/** Returns the names of the slab caches that active alerts name, those of the most severe alert first. */
export const listLitCaches = (alerts: readonly Alert[]): readonly string[] =>
  sortBySeverity(alerts.filter(isOngoing)).flatMap(({ caches = [] }) => caches)

// The counter that a condition is about is its subject, or the first that it draws. An event only shows the context.
function findCounter({ kind, subject, evidenceSeries = [] }: Alert): string {
  const first = evidenceSeries.find(name => name.startsWith('meminfo '))
  return kind === 'condition' && first !== undefined && !evidenceSeries.includes(`meminfo ${subject}`)
    ? first.slice('meminfo '.length)
    : subject
}

const sortBySeverity = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.toSorted((a, b) => SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity])

function getWorstTone(alerts: readonly Alert[]): Tone {
  const [worst] = sortBySeverity(alerts)
  return worst ? getSeverityTone(worst.severity) : 'normal'
}
