// One sample of a metric, as both text formats write it.

/** One series of a family: its labels and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** a record that explains the value; only OpenMetrics has a place for it. `time`: seconds since 1970 */
  readonly exemplar?: Exemplar
}

/** An example of what a counter counted. */
export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly time: number
}
