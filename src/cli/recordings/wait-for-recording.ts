// Waits for a recording that another process is about to write.
import { dirname } from 'node:path'
import { tryStat } from '../../recording/try-stat.ts'
import { isDirectory } from '../../sampling/local-host.ts'
import { logToStderr } from '../stderr.ts'

/** Resolves when the file is not empty, at once if it cannot become a recording. Logs to stderr that it waits. */
export async function waitForRecording(path: string): Promise<void> {
  if (!isNotYetWritten(path)) return
  logToStderr(`${path} is empty: waiting for its first sample (Ctrl-C to stop)`)
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

// An empty file, or none in a directory that exists.
function isNotYetWritten(path: string): boolean {
  const stat = tryStat(path)
  return stat ? stat.isFile() && stat.size === 0 : isDirectory(dirname(path))
}
