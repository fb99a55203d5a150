// A map by path that uses little memory: ten thousand cgroups have seven files each.

/** Up to this many files of a directory are searched one by one; more are kept in a table. */
const MAX_FLAT = 16
/** Maximum number of shared file names: a name cut from a path would keep the whole path in memory. */
const MAX_NAMES = 1000
/** Short texts are shared: most cgroups have no limit, no swap and no events. */
const [MAX_TEXTS, SHORT_TEXT] = [1000, 100]

type FlatEntries<Value> = (string | Value)[] // name, value, name, value, …

/** Values by path. Setting or deleting a directory (a path that ends in `/`) deletes the files in it. */
export class PathMap<Value> {
  private readonly directories = new Map<string, FlatEntries<Value> | Map<string, Value>>()
  private readonly names = new Map<string, string>()
  private readonly texts = new Map<Value, Value>()

  get(path: string): Value | undefined {
    const slash = path.lastIndexOf('/')
    const files = this.directories.get(path.slice(0, slash))
    const name = path.slice(slash)
    if (!Array.isArray(files)) return files?.get(name)
    const index = findEntry(files, name)
    return index < 0 ? undefined : (files[index + 1] as Value)
  }

  set(path: string, newValue: Value): void {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const name = intern(this.names, path.slice(slash), MAX_NAMES)
    const value =
      typeof newValue === 'string' && newValue.length < SHORT_TEXT ? intern(this.texts, newValue, MAX_TEXTS) : newValue
    const files = path.endsWith('/') ? undefined : this.directories.get(directory)
    if (!files) this.directories.set(directory, [name, value])
    else if (!Array.isArray(files)) files.set(name, value)
    else {
      const index = findEntry(files, name)
      if (index >= 0) files[index + 1] = value
      else if (files.length < 2 * MAX_FLAT) files.push(name, value)
      else this.directories.set(directory, new Map([...listEntries(files), [name, value]]))
    }
  }

  delete(path: string): void {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const files = this.directories.get(directory)
    if (path.endsWith('/')) this.directories.delete(directory)
    else if (Array.isArray(files)) {
      const index = findEntry(files, path.slice(slash))
      if (index >= 0) files.splice(index, 2)
    } else files?.delete(path.slice(slash))
  }

  get isEmpty(): boolean {
    return this.directories.size === 0
  }

  /** Yields every path with its value. */
  *[Symbol.iterator](): Generator<readonly [path: string, value: Value]> {
    for (const [directory, files] of this.directories)
      for (const [name, value] of Array.isArray(files) ? listEntries(files) : files)
        yield [`${directory}${name}`, value]
  }
}

function intern<Text>(pool: Map<Text, Text>, text: Text, maxSize: number): Text {
  const known = pool.get(text)
  if (known === undefined && pool.size < maxSize) pool.set(text, text)
  return known ?? text
}

function findEntry<Value>(files: FlatEntries<Value>, name: string): number {
  for (let index = 0; index < files.length; index += 2) if (files[index] === name) return index
  return -1
}

function* listEntries<Value>(files: FlatEntries<Value>): Generator<readonly [string, Value]> {
  for (let index = 0; index < files.length; index += 2) yield [files[index] as string, files[index + 1] as Value]
}
