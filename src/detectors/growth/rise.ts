// The result of all growth rules: a rise of a series.

/** A rise: the growth since a time, and the rate per hour (0: it has levelled off). */
export interface Rise {
  readonly since: number
  readonly growth: number
  readonly perHour: number
  /** ms of the window it was found in */
  readonly window: number
  /** its rate rises steadily */
  readonly acceleration?: Acceleration
}

/** How much the rate gains per hour, and for how long that was observed (ms). */
export interface Acceleration {
  readonly perHourSquared: number
  readonly observedFor: number
}
