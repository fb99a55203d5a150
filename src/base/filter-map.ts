// Going through many, keeping few.

/** What `of` finds in values, where it finds something. Makes nothing for the others: there may be ten thousand, each second. */
export function filterMap<Value, Result>(
  values: Iterable<Value>,
  transform: (value: Value) => Result | undefined,
): Result[] {
  const results: Result[] = []
  for (const value of values) {
    const result = transform(value)
    if (result !== undefined) results.push(result)
  }
  return results
}
