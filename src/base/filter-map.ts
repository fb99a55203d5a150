// Transforms and filters in one pass.

/** Returns the defined results of `transform`. Allocates nothing for the other values: there may be ten thousand every second. */
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
