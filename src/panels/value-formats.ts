// How the values of charts are written, by unit.
import { formatBytes, formatCount, formatRate, formatShortBytes } from '../base/format.ts'
import type { ValueFormat } from '../widgets/chart/value-scale.ts'

export const BYTES: ValueFormat = { binary: true, format: formatBytes, formatShort: formatShortBytes }
export const COUNTS: ValueFormat = { binary: false, whole: true, format: formatCount }
export const RATES: ValueFormat = { binary: false, format: formatRate }
export const PERCENTS: ValueFormat = { binary: false, format: value => `${Math.round(value * 10) / 10} %` }
