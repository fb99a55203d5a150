// SnapshotMap: an immutable map whose new versions cost only what they change.

/**
 * An immutable map with cheap successors (Baker 1978, shallow binding). The newest version holds the table. An older version holds
 * the differences to its successor, and copies the table when it is read. The newest copies the table once as many entries have
 * changed as the map holds, so an old version never keeps more than that, and the copies never cost more than the changes.
 */
export class SnapshotMap<K, V> implements ReadonlyMap<K, V> {
  #table: Map<K, V> | undefined = new Map()
  #successor: SnapshotMap<K, V> | undefined
  #undo: ReadonlyMap<K, V | undefined> | undefined
  /** number of changes since the table was copied */
  #changes = 0

  /** Returns the next version. `changes` by key; undefined deletes a key. Returns the same map if nothing changes. */
  applyChanges(changes: ReadonlyMap<K, V | undefined>): SnapshotMap<K, V> {
    if (changes.size === 0) return this
    const next = new SnapshotMap<K, V>()
    const table = this.getTable()
    const changeCount = this.#changes + changes.size
    const isShared = changeCount <= table.size
    next.#table = isShared ? table : new Map(table)
    next.#changes = isShared ? changeCount : 0
    if (isShared) {
      this.#table = undefined
      this.#successor = next
      this.#undo = pickValues(table, changes.keys())
    }
    for (const [key, value] of changes) {
      if (value === undefined) next.#table.delete(key)
      else next.#table.set(key, value)
    }
    return next
  }

  private getTable(): Map<K, V> {
    if (this.#table) return this.#table
    const older: SnapshotMap<K, V>[] = []
    let newest: SnapshotMap<K, V> = this
    for (; !newest.#table; newest = newest.#successor!) older.push(newest)
    const table = new Map(newest.#table)
    for (const version of older.reverse()) {
      for (const [key, value] of version.#undo ?? []) {
        if (value === undefined) table.delete(key)
        else table.set(key, value)
      }
    }
    this.#table = table
    this.#successor = undefined
    this.#undo = undefined
    this.#changes = 0
    return table
  }

  get size(): number {
    return this.getTable().size
  }

  get(key: K): V | undefined {
    return this.getTable().get(key)
  }

  has(key: K): boolean {
    return this.getTable().has(key)
  }

  keys(): MapIterator<K> {
    return this.getTable().keys()
  }

  values(): MapIterator<V> {
    return this.getTable().values()
  }

  entries(): MapIterator<[K, V]> {
    return this.getTable().entries()
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.getTable().entries()
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    this.getTable().forEach((value, key) => {
      callback(value, key, this)
    })
  }
}

function pickValues<K, V>(table: ReadonlyMap<K, V>, keys: Iterable<K>): ReadonlyMap<K, V | undefined> {
  const values = new Map<K, V | undefined>()
  for (const key of keys) values.set(key, table.get(key))
  return values
}
