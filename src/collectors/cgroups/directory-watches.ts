// Watches on cgroup directories, bounded: each costs kernel memory.
import type { Host } from '../collector.ts'

const MAX_WATCHES = 512

/** A set of watched directories. */
export class DirectoryWatches {
  private readonly stops = new Map<string, () => void>()
  private readonly host: Host
  private readonly onChange: (path: string) => void
  /** whether every directory that was added is watched */
  isComplete = true

  /** @param onChange called with the path of each entry that is created or removed in a watched directory */
  constructor(host: Host, onChange: (path: string) => void) {
    this.host = host
    this.onChange = onChange
  }

  add(path: string): void {
    if (this.stops.has(path)) return
    const stop =
      this.stops.size < MAX_WATCHES
        ? this.host.watchDirectory(path, name => this.onChange(`${path}/${name}`))
        : undefined
    if (stop) this.stops.set(path, stop)
    else this.isComplete = false
  }

  remove(path: string): void {
    this.stops.get(path)?.()
    this.stops.delete(path)
  }
}
