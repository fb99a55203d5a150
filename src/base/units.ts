// Units: times in milliseconds and sizes in bytes.

/** Milliseconds. */
export const SECOND = 1000
/** Milliseconds. */
export const MINUTE = 60 * SECOND
/** Milliseconds. */
export const HOUR = 60 * MINUTE
/** Milliseconds. */
export const DAY = 24 * HOUR

/** Bytes. */
export const KiB = 2 ** 10
/** Bytes. */
export const MiB = 2 ** 20
/** Bytes. */
export const GiB = 2 ** 30
