// Opens what the collector script wrote (`sh c.sh > node.txt`) as a recording.
import { readFileSync, statSync } from 'node:fs'
import { UserError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format.ts'
import { MiB } from '../../base/units.ts'
import { readHead } from '../../postmortem/logs/files/find-files.ts'
import { encodeHeader, encodeReading } from '../../recording/line-codec.ts'
import { openBuffer, type RecordingFile } from '../../recording/open-recording.ts'
import { isNodeFile, parseNodeFile } from '../../sampling/via/node-file.ts'

const MAX_SIZE = 256 * MiB

/** Returns the file as a recording, or undefined if it is no file of the collector. @throws UserError if it is one that cannot be played */
export function openNodeFile(path: string): RecordingFile | undefined {
  if (!isNodeFile(readHead(path))) return undefined
  const { size } = statSync(path)
  if (size > MAX_SIZE)
    throw new UserError(
      `${path} has ${formatBytes(size)}; a file of the collector is read up to ${formatBytes(MAX_SIZE)}`,
    )
  const parsed = parseNodeFile(readFileSync(path, 'latin1'))
  if (!parsed) throw new UserError(`${path} is a file of the collector, but has no whole sample`)
  const lines = [encodeHeader(parsed.session, 0), ...parsed.readings.map(encodeReading)]
  return openBuffer(path, Buffer.from(lines.join('')))
}
