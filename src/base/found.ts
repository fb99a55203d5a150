// Going through many, keeping few.

/** What `of` finds in values, where it finds something. Makes nothing for the others: there may be ten thousand, each second. */
export function found<Value, One>(values: Iterable<Value>, of: (value: Value) => One | undefined): One[] {
  const all: One[] = []
  for (const value of values) {
    const one = of(value)
    if (one !== undefined) all.push(one)
  }
  return all
}
