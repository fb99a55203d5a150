// Detector: a pure function from the history to findings. A finding says what is wrong now. Thresholds are data.
import type { CollectorId } from '../collectors/index.ts'
import type { History } from '../history.ts'
import type { Evidence } from './evidence.ts'
import type { Forecast } from './growth/growth-rate.ts'
import type { ThresholdTable, ThresholdValues } from './thresholds.ts'

/** info: to know; warning: will need attention; critical: act now. */
export type Severity = 'info' | 'warning' | 'critical'

/** A higher rank is more severe. */
export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** One thing to do about a finding. */
export interface Remedy {
  readonly text: string
  readonly command?: string
  readonly risk: 'none' | 'low' | 'high'
}

const RISK_ORDER: readonly Remedy['risk'][] = ['none', 'low', 'high']

/** Sorts remedies by risk, the safest first. */
export const sortByRisk = (remedies: readonly Remedy[]): readonly Remedy[] =>
  [...remedies].sort((a, b) => RISK_ORDER.indexOf(a.risk) - RISK_ORDER.indexOf(b.risk))

/** How a rule found what it found: by its growth within a minute, by a lasting trend, or by how much there is. */
export type FoundBy = 'spike' | 'trend' | 'level'

/** The worst of a condition so far. An alert that has ended shows this, not its last sample. */
export interface Peak {
  readonly magnitude: number
  readonly summary: string
}

/** Something that is wrong now. `subject` identifies it within its detector. Times are session milliseconds. */
export interface Finding {
  readonly subject: string
  /** an event happened at `at`; a condition holds as long as it is found */
  readonly kind: 'event' | 'condition'
  readonly severity: Severity
  /** two or three words in capitals for the banner */
  readonly title: string
  /** what happened to whom, why, how bad it is and how long is left, in one sentence */
  readonly summary: string
  /** a shorter summary for a narrow banner */
  readonly short?: string
  readonly since: number
  /** when it last happened (event) or was last found (condition) */
  readonly at: number
  /** how often it happened */
  readonly count?: number
  /** it happened at least so often: older events are no longer kept */
  readonly isCountMinimum?: true
  /** how certain it is, and why */
  readonly confidence?: string
  /** a read-only command that verifies it */
  readonly confirm?: Pick<Remedy, 'text' | 'command'>
  /** the impact while nothing is done */
  readonly cost?: string
  /** names of the series to draw as graphs (see `findEvidenceSeries`) */
  readonly evidenceSeries?: readonly string[]
  /** how the rule found it: what an open alert was found by, the rule keeps until it is clearly over */
  readonly foundBy?: readonly FoundBy[]
  /** which caches grew is known only after the next reading of slabinfo; when it is, the alert is announced again, once */
  readonly unattributed?: true
  /** slab caches that it names */
  readonly caches?: readonly string[]
  /** rate and time left, as the banner, the row and the page of what grows show them */
  readonly forecast?: Partial<Forecast> | undefined
  /** ms of warning given when the alert was raised: the time left then */
  readonly notice?: number | undefined
  /** how bad it is, as a number that rises with it, and the summary for when it has ended */
  readonly peak?: Peak
  /** detectors that explain this finding: while one of them has an open alert as severe, no alert is raised for it */
  readonly causedBy?: readonly string[]
  /** measured facts, in the order they are shown */
  readonly evidence: readonly Evidence[]
  readonly remedy: readonly Remedy[]
}

/** Alerts of a detector, for docs/alerts.md: sentences for somebody who has just been woken by one. */
export interface AlertText {
  /** as in the banner; several if they are explained together */
  readonly titles: readonly string[]
  readonly meaning: string
  /** when it comes and goes */
  readonly lasts: string
  /** what to do */
  readonly response: string
}

/** What alerts are about: a panel shows those of its topics. */
export type AlertTopic = 'oom' | 'slab' | 'memory' | 'cgroups' | 'pressure' | 'log'

/** Finds one kind of problem. Pure: the time comes from the history. */
export interface Detector<Table extends ThresholdTable> {
  readonly title: string
  readonly topic: AlertTopic
  /** it runs after each reading of these collectors */
  readonly collectors: readonly CollectorId[]
  readonly thresholds: Table
  readonly alerts: readonly AlertText[]
  /** @param open the open alerts by subject, for hysteresis: a finding lasts until it is clearly over */
  detect(history: History, thresholds: ThresholdValues<Table>, open?: ReadonlyMap<string, Finding>): readonly Finding[]
}
