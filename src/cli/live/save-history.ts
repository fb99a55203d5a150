// Writes the minutes that are in memory into a new file: `:save FILE`.
import { writeFile } from 'node:fs/promises'
import { getErrorCode, getErrorMessage } from '../../base/errors.ts'
import { formatBytes } from '../../base/format.ts'
import type { LiveSource } from '../../sampling/live-source.ts'

/** Creates the file, readable for its owner only. Never overwrites one. Shows what came of it. */
export async function saveHistory(
  file: string,
  source: Pick<LiveSource, 'getFlightRecording'>,
  showNotice: (text: string) => void,
): Promise<void> {
  const bytes = await source.getFlightRecording()
  if (bytes.length === 0) return showNotice('nothing to save: memory holds no samples')
  try {
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 })
    showNotice(`saved ${formatBytes(bytes.length)} into ${file}; kmemtop replay plays it`)
  } catch (error) {
    const isThere = getErrorCode(error) === 'EEXIST'
    showNotice(isThere ? `${file} exists: it is not overwritten` : `cannot save: ${getErrorMessage(error)}`)
  }
}
