// Function keys: the escape sequences that terminals send for F1 to F12.

// ESC O P: xterm; ESC [ 11 ~: VT220, rxvt; ESC [ [ A: Linux console; ESC [ P: some in application mode
const PATTERN = /^\x1b(?:O([P-S])|\[\[([A-E])|\[([PQS])|\[(\d\d)~)$/

const NUMBERS: Readonly<Record<string, number>> = {
  ...{ 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 17: 6, 18: 7, 19: 8, 20: 9, 21: 10, 23: 11, 24: 12 },
}

/** Returns the name of a function key, `f1` to `f12`; undefined for anything else. */
export function parseFunctionKey(sequence: unknown): string | undefined {
  const match = typeof sequence === 'string' ? PATTERN.exec(sequence) : null
  if (!match) return undefined
  const [, letter = match[3], console, , number] = match
  if (letter !== undefined) return `f${'PQRS'.indexOf(letter) + 1}`
  if (console !== undefined) return `f${'ABCDE'.indexOf(console) + 1}`
  const known = NUMBERS[number ?? '']
  return known === undefined ? undefined : `f${known}`
}
