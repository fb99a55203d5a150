// Reads single files of cgroups, and learns which files this kernel does not have.
import { type Host, TRANSIENT_CODES } from '../collector.ts'

/** Texts of one sample, by path. */
export type FileTexts = Record<string, string | null>

/** A file that none of this many memory cgroups has does not exist on this kernel and is not tried again. */
const MAX_MISSES = 8
/** Marks a file that at least one cgroup has. */
const EXISTS = Number.NEGATIVE_INFINITY

/** Reads files of cgroups by name. */
export class CgroupFileReader {
  private readonly host: Host
  /** a file that every memory cgroup has: shows whether the controller is on */
  private readonly usageFile: string
  private readonly misses = new Map<string, number>()

  constructor(host: Host, usageFile: string) {
    this.host = host
    this.usageFile = usageFile
  }

  /**
   * Adds the text of `path/name` to `texts` and returns it. Returns undefined if the file cannot be read: the next walk finds a
   * cgroup that vanished, and a file that this kernel does not have is no error.
   */
  read(texts: FileTexts, path: string, name: string): string | undefined {
    const missed = this.misses.get(name) ?? 0
    if (missed >= MAX_MISSES) return undefined
    const file = `${path}/${name}`
    try {
      const text = this.host.readFile(file)
      texts[file] = text
      if (missed !== EXISTS) this.misses.set(name, EXISTS)
      return text
    } catch (error) {
      if (TRANSIENT_CODES.has((error as { code?: string }).code)) return undefined
      if (missed !== EXISTS && this.isMemoryEnabled(path, name)) this.misses.set(name, missed + 1)
      return undefined
    }
  }

  /** Over a link, fetches together what is going to be read: a sample that came late reads more than was expected. */
  prefetchExpected(listFiles: () => readonly string[]): void {
    if (this.host.link) this.prefetch(listFiles())
  }

  /** Fetches files together where the node is over a link. */
  prefetch(files: readonly string[]): void {
    if (files.length > 0) this.host.link?.prefetch(files)
  }

  /** Whether `read` looks for files of this name at all. */
  isWanted(name: string): boolean {
    return (this.misses.get(name) ?? 0) < MAX_MISSES
  }

  // A directory without the memory controller has none of its files: that says nothing about the kernel.
  private isMemoryEnabled(path: string, missing: string): boolean {
    try {
      return missing !== this.usageFile && this.host.readFile(`${path}/${this.usageFile}`) !== ''
    } catch {
      return false
    }
  }
}

/** Returns the `count` cgroups with the largest usage in `texts`. */
export function selectLargest(
  paths: readonly string[],
  texts: FileTexts,
  useFile: string,
  count: number,
): readonly string[] {
  const getUse = (path: string): number => Number(texts[`${path}/${useFile}`] ?? 0)
  return paths.toSorted((a, b) => getUse(b) - getUse(a)).slice(0, count)
}
