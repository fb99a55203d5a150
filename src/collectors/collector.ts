// Collector: one kind of kernel fact. What may touch the machine is the Host it is handed; all else is pure.

/** path -> text exactly as the kernel wrote it, held as latin1; null: the file vanished. A path that ends in `/` is a directory. */
export type Files = Readonly<Record<string, string | null>>

/** The machine, as a collector may see it. Paths are the node's own (`/proc/meminfo`); the Host puts `--root` before them. */
export interface Host {
  /** processes whose mounts are the node's, the best first: our own; below --root the node's first process */
  readonly processes: readonly ('self' | '1')[]
  /** the whole text of a file; throws an Error with the kernel's `code` */
  readFile(path: string): string
  /** names in a directory, in no order */
  listDirectory(path: string): readonly string[]
  /** names of the directories in a directory */
  listSubdirectories(path: string): readonly string[]
  /** identity of a file or directory; `links - 2` of a cgroup directory is the number of its children */
  statFile(path: string): { readonly inode: number; readonly links: number }
  /** where a symbolic link points to; undefined when it is none */
  readLink(path: string): string | undefined
  /** all records of a device that are there now, without waiting */
  drainDevice(path: string): string
  /** calls back with the name when an entry of the directory comes or goes; gives a function that ends it, or undefined where that cannot be had */
  watchDirectory(path: string, onChange: (name: string) => void): (() => void) | undefined
}

/** What is fixed for a session: the header of a recording. Wall clock and monotonic clock are those at session time 0. */
export interface RecordingHeader {
  readonly host: string
  /** release, as uname -r says */
  readonly kernel: string
  readonly bootId: string
  /** milliseconds since 1970 at session time 0 */
  readonly wallClock: number
  /** CLOCK_MONOTONIC in milliseconds at session time 0: what the kernel log counts from; unknown in some recordings */
  readonly monotonic?: number
  /** milliseconds between two looks */
  readonly interval: number
  /** bytes of a page */
  readonly pageSize: number
  readonly cpus?: number
}

/**
 * One look at the machine: the texts that this look took. Throws what the Host throws.
 * `urgent`: something just happened (an OOM kill in the log), look at everything that counts it.
 * `share`: of what it would read in turn, as much as it may without being too dear; 1 is all.
 */
export type CollectorReader = (time: number, urgent: boolean, share?: number) => Files

/** A kind of kernel fact: how to read it, and how its texts become memory. `fold` is pure and gets only files that changed. */
export interface Collector<State> {
  readonly title: string
  /** kernels without it are no problem: its absence is told where it would be shown, and nowhere else */
  readonly optional?: boolean
  /** milliseconds between looks; 0: as often as the session's interval */
  readonly interval: number
  /**
   * Starts looking: what the closure keeps (rotation, known names) is the reader's business, never evidence.
   * `once`: there will be no second look, so what would be read in turn is read now, within reason
   */
  openReader(host: Host, once?: boolean): CollectorReader
  /** what little is still read at the usual pace while the whole is too dear to be: a few counts that must not stand still */
  openCheap?(host: Host): CollectorReader
  readonly empty: State
  applyFiles(state: State, files: Files, time: number, session: RecordingHeader): State
  /** something in its memory that is not as it should be, though the rest is: shown beside it */
  describeProblem?(state: State): string | undefined
  /** what to know about its numbers although nothing is wrong with them: shown beside the source */
  describeNote?(state: State): string | undefined
  /** what would help when the kernel refuses `path` with `code`; undefined: nothing known */
  explainError?(code: string, path: string): string | undefined
}

/** A Look that reads the same files each time. The first is required; others may be absent. */
export function createFileReader(host: Host, required: string, ...optional: readonly string[]): CollectorReader {
  const absent = new Set<string>()
  return () => {
    const files: Record<string, string | null> = { [required]: host.readFile(required) }
    for (const path of optional) {
      if (absent.has(path)) continue
      try {
        files[path] = host.readFile(path)
      } catch {
        absent.add(path)
      }
    }
    return files
  }
}

/** Returns the names in a directory, or undefined if it cannot be listed. */
export function tryListDirectory(host: Host, path: string): readonly string[] | undefined {
  try {
    return host.listDirectory(path)
  } catch {
    return undefined
  }
}
