// The interface of collectors, and of the Host through which a collector reads the machine. Everything else is pure.

/**
 * Texts by path, exactly as the kernel wrote them, held as latin1. null: the file vanished. A path that ends in `/` is a directory;
 * its text is the inode number.
 */
export type Files = Readonly<Record<string, string | null>>

/** The machine as a collector sees it. Paths are the node's own (`/proc/meminfo`); the Host puts `--root` before them. */
export interface Host {
  /** processes that see the node's mounts, best first: kmemtop itself, or with --root the node's first process */
  readonly processes: readonly ('self' | '1')[]
  /** returns the whole text of a file; throws an Error with the kernel's `code` */
  readFile(path: string): string
  /** returns the names in a directory, in no order */
  listDirectory(path: string): readonly string[]
  /** returns the names of the directories in a directory */
  listSubdirectories(path: string): readonly string[]
  /** returns the identity of a file or directory; `links - 2` of a cgroup directory is the number of its children */
  statFile(path: string): { readonly inode: number; readonly links: number }
  /** returns the target of a symbolic link; undefined if the path is not one */
  readLink(path: string): string | undefined
  /** returns all records that a device has now, without waiting */
  drainDevice(path: string): string
  /**
   * calls back with the name of each entry that is created in the directory or removed from it; returns a function that stops
   * the watch, or undefined if the directory cannot be watched
   */
  watchDirectory(path: string, onChange: (name: string) => void): (() => void) | undefined
  /** only where the kernel of this machine announces changes */
  readonly notices?: KernelNotices
  /** only of a node over a link */
  readonly link?: HostLink
}

/** What a kernel announces by inotify, without a write. */
export interface KernelNotices {
  /** Returns whether a directory is in a tree of the kernel's cgroups: a copy of one on a disk announces nothing. */
  isCgroupTree(path: string): boolean
  /** Watches a file; returns a function that stops the watch, or undefined if the file cannot be watched. */
  watchFile(path: string, listener: FileListener): (() => void) | undefined
}

/** Who hears of a watched file. */
export interface FileListener {
  /** the file changed */
  onChange(): void
  /** the watch failed, and nothing more will be heard */
  onEnd(): void
}

/** What only a node over a link has: files are fetched together, because each request takes a round trip and a process there. */
export interface HostLink {
  /**
   * Begins a sample: forgets the files of the last one, and fetches these together. A path that ends in `/` is a directory to list.
   * Each group of `alone` is asked for in a request of its own, so that its cost is known. A thread that samples several nodes gets a promise, and samples the others meanwhile.
   */
  beginSample(paths: readonly string[], alone?: readonly (readonly string[])[]): Promise<void> | undefined
  /**
   * Begins the first sample, of which nothing is expected yet: `read` gets a host that notes what is asked for, which is then fetched
   * together, and is called again until nothing is missing. An error of a file that is missing yet says nothing.
   */
  rehearse(read: (host: Host) => void): Promise<void> | undefined
  /** Fetches more files in one request, before they are read one by one. */
  prefetch(paths: readonly string[]): void
  /** Returns the milliseconds that the far side spent on what was read since the last call. */
  takeCost(): number
  /** session time at which what was fetched last was read over there */
  readonly sampledAt: number
  /** why nothing can be read any more; what was read in this sample is not to be used */
  readonly failure: Error | undefined
}

/** From session time `time` on the wall clock shows `wallClock` plus the session time, in milliseconds since 1970. */
export interface ClockStep {
  readonly time: number
  readonly wallClock: number
  /** `suspend`: the machine slept meanwhile; `step`: the clock was set */
  readonly kind: 'step' | 'suspend'
  /** milliseconds that it jumped; negative: back */
  readonly by: number
}

/** Facts that are fixed for a session: the header of a recording. Both clocks are read at session time 0. */
export interface RecordingHeader {
  readonly host: string
  /** release, as printed by uname -r */
  readonly kernel: string
  readonly bootId: string
  /** milliseconds since 1970 at session time 0; see toWallTime for later times */
  readonly wallClock: number
  /** steps of the wall clock since then; never in a file: they are readings */
  readonly clockSteps?: readonly ClockStep[]
  /** CLOCK_MONOTONIC in milliseconds at session time 0, the clock of the kernel log; unknown in some recordings */
  readonly monotonic?: number
  /** milliseconds between two samples */
  readonly interval: number
  /** bytes of a page */
  readonly pageSize: number
  readonly cpus?: number
}

/**
 * Takes one sample and returns its texts. Throws what the Host throws.
 * `urgent`: an OOM kill was just logged, so all files that count kills are read.
 * `share`: the share of its round-robin reads that the collector may do without being too expensive; 1 is all.
 */
export interface CollectorReader {
  (time: number, urgent: boolean, share?: number): Files
  /** Files that the next call will read, as far as known. Where it is absent, they are those of the last call. */
  expectPaths?(time: number, urgent: boolean, share?: number): readonly string[]
}

/** `file`: reads files at an interval. `stream`: its texts are events, so a reading without texts still advances its state. */
export type CollectorKind = 'file' | 'stream'

/** What a reader is asked for beyond its usual turns. */
export interface ReaderOptions {
  /** there is only one sample, so everything that would be read in turn is read now, up to a limit */
  readonly once?: boolean
  /** cgroups that are read in every sample, with those below them */
  readonly watched?: readonly string[]
}

/** A kind of kernel fact: how to read it, and how its texts become state. `applyFiles` is pure and gets only changed files. */
export interface Collector<State> {
  readonly kind: CollectorKind
  readonly title: string
  /** true: some kernels lack it, which is no problem; its absence is shown only in its own place */
  readonly optional?: boolean
  /** true: its files are below /proc and their texts contain no names of the node: `kmemtop redact` keeps them as they are */
  readonly nameless?: boolean
  /** true: it is not sampled: its texts come from the user, from a script, or from a survey that an alert asked for */
  readonly external?: boolean
  /** milliseconds between samples; 0: the session's interval */
  readonly interval: number
  /** Creates the reader. What the reader remembers (round-robin positions, known names) is never evidence. */
  openReader(host: Host, options?: ReaderOptions): CollectorReader
  /** creates a reader of the few counts that are still sampled at the usual interval while the collector is too expensive */
  openCheap?(host: Host): CollectorReader
  readonly empty: State
  applyFiles(state: State, files: Files, time: number, session: RecordingHeader): State
  /** returns a problem with a part of the state, shown with it; undefined if there is none */
  describeProblem?(state: State): string | undefined
  /** returns what to know about its numbers although nothing is wrong: shown with the source */
  describeNote?(state: State): string | undefined
  /** returns what to do if the kernel refuses `path` with `code`; undefined if unknown */
  explainError?(code: string, path: string): string | undefined
}

/** Creates a reader that reads the same files each time. The first is required; the others may be absent. */
export function createFileReader(host: Host, required: string, ...optional: readonly string[]): CollectorReader {
  const absent = new Set<string>()
  return () => {
    const files: Record<string, string | null> = { [required]: host.readFile(required) }
    for (const path of optional) {
      if (absent.has(path)) continue
      try {
        files[path] = host.readFile(path)
      } catch (error) {
        // a failing disk or too many open files may pass
        if (!TRANSIENT_CODES.has((error as { code?: string }).code)) absent.add(path)
      }
    }
    return files
  }
}

/** Codes of failures that say nothing about whether a file is there. */
export const TRANSIENT_CODES: ReadonlySet<string | undefined> = new Set([
  'EIO',
  'EAGAIN',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
])

/** Returns the names in a directory, or undefined if it cannot be listed. */
export function tryListDirectory(host: Host, path: string): readonly string[] | undefined {
  try {
    return host.listDirectory(path)
  } catch {
    return undefined
  }
}
