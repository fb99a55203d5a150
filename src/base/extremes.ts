// The largest of a list and lists joined, for lists of any length: a call with 120,000 arguments exceeds the stack.

/** Returns the largest value, or `least` if none is larger. */
export function findLargest(values: Iterable<number>, least = Number.NEGATIVE_INFINITY): number {
  let largest = least
  for (const value of values) if (value > largest) largest = value
  return largest
}

/** Appends all items of a list. */
export function appendAll<T>(list: T[], added: Iterable<T>): void {
  for (const item of added) list.push(item)
}
