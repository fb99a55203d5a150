// How the values of charts are written, by unit.
import { formatBytes, formatCount, formatRate, formatShortBytes } from '../base/format.ts'
import type { ValueFormat } from '../widgets/chart/value-scale.ts'

/** Values in bytes. */
export const BYTES: ValueFormat = { binary: true, format: formatBytes, formatShort: formatShortBytes }
/** Values that are counts. */
export const COUNTS: ValueFormat = { binary: false, whole: true, format: formatCount }
/** Values per second. */
export const RATES: ValueFormat = { binary: false, format: formatRate }
/** Values in percent, 0 to 100. */
export const PERCENTS: ValueFormat = { binary: false, format: value => `${Math.round(value * 10) / 10} %` }
