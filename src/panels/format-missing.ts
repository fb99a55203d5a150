// Values that a kernel may not report: written as a dash in a table, as n/a in a sentence.

/** Formats a value for a table cell; null or undefined is a dash. */
export const formatOrDash = (value: number | null | undefined, format: (value: number) => string): string =>
  value == null ? '–' : format(value)

/** Formats a value for a page; null or undefined is `n/a`. */
export const formatOrMissing = (value: number | null | undefined, format: (value: number) => string): string =>
  value == null ? 'n/a' : format(value)
