// By directory: a value for each file, in little memory: ten thousand cgroups have seven files each.

/** Files of a directory that are found by going through them; of more, by a table. */
const FEW = 16
/** Names of files that are shared: a name cut from a path would keep the whole path in memory. */
const NAMES = 1000
/** Short texts that are shared: most cgroups have no limit, no swap and no events. */
const [TEXTS, SHORT] = [1000, 100]

type Few<Value> = (string | Value)[] // name, value, name, value, …

/** Path -> value. A directory (a path that ends in `/`) that vanished or was made anew takes the files in it along. */
export class ByDirectory<Value> {
  private readonly directories = new Map<string, Few<Value> | Map<string, Value>>()
  private readonly names = new Map<string, string>()
  private readonly texts = new Map<Value, Value>()

  get(path: string): Value | undefined {
    const slash = path.lastIndexOf('/')
    const files = this.directories.get(path.slice(0, slash))
    const name = path.slice(slash)
    if (!Array.isArray(files)) return files?.get(name)
    const at = placeOf(files, name)
    return at < 0 ? undefined : (files[at + 1] as Value)
  }

  set(path: string, given: Value): void {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const name = shared(this.names, path.slice(slash), NAMES)
    const value = typeof given === 'string' && given.length < SHORT ? shared(this.texts, given, TEXTS) : given
    const files = path.endsWith('/') ? undefined : this.directories.get(directory)
    if (!files) this.directories.set(directory, [name, value])
    else if (!Array.isArray(files)) files.set(name, value)
    else {
      const at = placeOf(files, name)
      if (at >= 0) files[at + 1] = value
      else if (files.length < 2 * FEW) files.push(name, value)
      else this.directories.set(directory, new Map([...pairs(files), [name, value]]))
    }
  }

  delete(path: string): void {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const files = this.directories.get(directory)
    if (path.endsWith('/')) this.directories.delete(directory)
    else if (Array.isArray(files)) {
      const at = placeOf(files, path.slice(slash))
      if (at >= 0) files.splice(at, 2)
    } else files?.delete(path.slice(slash))
  }

  get isEmpty(): boolean {
    return this.directories.size === 0
  }

  /** Every path with its value. */
  *[Symbol.iterator](): Generator<readonly [path: string, value: Value]> {
    for (const [directory, files] of this.directories)
      for (const [name, value] of Array.isArray(files) ? pairs(files) : files) yield [`${directory}${name}`, value]
  }
}

function shared<Text>(pool: Map<Text, Text>, text: Text, most: number): Text {
  const same = pool.get(text)
  if (same === undefined && pool.size < most) pool.set(text, text)
  return same ?? text
}

function placeOf<Value>(files: Few<Value>, name: string): number {
  for (let at = 0; at < files.length; at += 2) if (files[at] === name) return at
  return -1
}

function* pairs<Value>(files: Few<Value>): Generator<readonly [string, Value]> {
  for (let at = 0; at < files.length; at += 2) yield [files[at] as string, files[at + 1] as Value]
}
