// Detector: history -> findings, pure. Finding: what is wrong now. Thresholds are data.
import type { CollectorId } from '../collectors/index.ts'
import type { History } from '../history.ts'

export type Severity = 'info' | 'warning' | 'critical'

/** Louder is more. */
export const SEVERITY_RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** What to do about it, least risky first. */
export interface Remedy {
  readonly text: string
  readonly command?: string
  readonly risk: 'none' | 'low' | 'high'
}

const RISK_ORDER: readonly Remedy['risk'][] = ['none', 'low', 'high']

/** Remedies, those with the least risk first. */
export const sortByRisk = (remedies: readonly Remedy[]): readonly Remedy[] =>
  [...remedies].sort((a, b) => RISK_ORDER.indexOf(a.risk) - RISK_ORDER.indexOf(b.risk))

/** Something that is wrong now. `subject` is its identity within a detector. Times are session milliseconds. */
export interface Finding {
  readonly subject: string
  /** event: it happened at `at`; condition: it holds while it is found */
  readonly kind: 'event' | 'condition'
  readonly severity: Severity
  /** two or three words in capitals for the banner */
  readonly title: string
  /** one sentence a tired person understands */
  readonly summary: string
  /** the same in fewer words, for a banner that is too narrow for the summary */
  readonly short?: string
  readonly since: number
  /** when it last happened (event) or was last seen to hold */
  readonly at: number
  /** how often it happened */
  readonly count?: number
  /** how sure it is, and why */
  readonly confidence?: string
  /** what would settle it: a command that changes nothing */
  readonly confirm?: Pick<Remedy, 'text' | 'command'>
  /** what it costs as long as nothing is done */
  readonly cost?: string
  /** courses that show it, by the names of `courseOf` */
  readonly courses?: readonly string[]
  /** detectors whose alert, when it is open, tells the cause: then this is no alert of its own */
  readonly causedBy?: readonly string[]
  /** name -> number or words, in the order they are shown */
  readonly evidence: Readonly<Record<string, number | string | null>>
  readonly remedy: readonly Remedy[]
}

/** Finds one kind of trouble. Pure: time comes from the history. */
export interface Detector<DetectorThresholds extends Readonly<Record<string, number>>> {
  readonly title: string
  /** it looks after each reading of these */
  readonly collectors: readonly CollectorId[]
  readonly defaults: DetectorThresholds
  /** @param open the open alerts by subject: what was found stays found until it is clearly over */
  detect(history: History, thresholds: DetectorThresholds, open?: ReadonlyMap<string, Finding>): readonly Finding[]
}
