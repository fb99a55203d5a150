// Transforms and filters in one pass.

/** Returns the defined results of `transform`. Allocates nothing for the other values: there may be ten thousand every second. */
export function filterMap<Value, Result>(
  values: readonly Value[] | ReadonlyMap<unknown, Value>,
  transform: (value: Value) => Result | undefined,
): Result[] {
  const results: Result[] = []
  // an iterator would allocate an object for each value
  const add = (value: Value): void => {
    const result = transform(value)
    if (result !== undefined) results.push(result)
  }
  values.forEach(add)
  return results
}
