// Waiting for a recording that somebody is about to write: until there is something in its file.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDirectory } from '../sources/host.ts'
import { sayWritten } from './recordings.ts'

/** Resolves when the file holds something, at once for what will never be a recording. Says on stderr that it waits. */
export async function arrivalOf(path: string): Promise<void> {
  if (!isAwaited(path)) return
  sayWritten(`${path} holds nothing yet: waiting for its first look, Ctrl-C ends`)
  const { watch } = await import('chokidar')
  const watcher = watch(path)
  try {
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!isAwaited(path)) resolve()
      }
      watcher.on('add', look).on('change', look).on('ready', look).on('error', reject)
    })
  } finally {
    await watcher.close()
  }
}

// Empty, or not there in a directory that is.
function isAwaited(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? stat.isFile() && stat.size === 0 : isDirectory(dirname(path))
}
