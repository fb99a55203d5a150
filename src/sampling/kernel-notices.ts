// Changes that the kernel of this machine announces by inotify. They come in a turn of the event loop.
import { type FSWatcher, statfsSync, watch } from 'node:fs'
import type { FileListener } from '../collectors/collector.ts'

/** Magic numbers of cgroup and cgroup2 file systems: include/uapi/linux/magic.h. */
const CGROUP_MAGICS: ReadonlySet<number> = new Set([0x27e0eb, 0x63677270])

/** Calls back with the name of each entry that is created in a directory or removed from it. */
export const watchDirectory = (path: string | Buffer, onChange: (name: string) => void): (() => void) | undefined =>
  startWatch(path, (event, name) => {
    if (event === 'rename' && name) onChange(name)
  })

/** Calls back when a file changes, and when the watch ends by an error. */
export const watchFile = (path: string | Buffer, { onChange, onEnd }: FileListener): (() => void) | undefined =>
  startWatch(path, onChange, onEnd)

type Listener = (event: string, name: string | null) => void

// undefined: it is gone, or no inotify watches are left. The next walk, or the next turn, finds the changes.
function startWatch(path: string | Buffer, listener: Listener, onEnd = (): void => {}): (() => void) | undefined {
  try {
    const watcher: FSWatcher = watch(path, { persistent: false, encoding: 'latin1' as BufferEncoding }, listener)
    watcher.on('error', () => {
      watcher.close()
      onEnd()
    })
    return () => watcher.close()
  } catch {
    return undefined
  }
}

/** Returns whether a path is in a mounted tree of cgroups, of v1 or v2. */
export function isCgroupTree(path: string | Buffer): boolean {
  try {
    return CGROUP_MAGICS.has(statfsSync(path).type)
  } catch {
    return false
  }
}
