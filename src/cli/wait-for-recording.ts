// Waiting for a recording that somebody is about to write: until there is something in its file.
import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isDirectory } from '../sampling/local-host.ts'
import { logToStderr } from './recordings.ts'

/** Resolves when the file holds something, at once for what will never be a recording. Says on stderr that it waits. */
export async function waitForRecording(path: string): Promise<void> {
  if (!isNotYetWritten(path)) return
  logToStderr(`${path} holds nothing yet: waiting for its first look, Ctrl-C ends`)
  const { watch } = await import('chokidar')
  const watcher = watch(path)
  try {
    await new Promise<void>((resolve, reject) => {
      const checkFile = (): void => {
        if (!isNotYetWritten(path)) resolve()
      }
      watcher.on('add', checkFile).on('change', checkFile).on('ready', checkFile).on('error', reject)
    })
  } finally {
    await watcher.close()
  }
}

// Empty, or not there in a directory that is.
function isNotYetWritten(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? stat.isFile() && stat.size === 0 : isDirectory(dirname(path))
}
