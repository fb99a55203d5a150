// Runs `kmemtop redact`: a copy of a recording with other names for hosts, pods, cgroups and processes. It plays and raises
// alerts like the original.
import { createHmac, randomBytes } from 'node:crypto'
import { formatBytes } from '../../base/format.ts'
import { redactRecording } from '../../playback/redact-recording.ts'
import { writeRecording } from '../../playback/write-recording.ts'
import type { RedactOptions } from '../commands/redact.ts'
import { EXIT } from '../exit.ts'
import { logToStderr } from '../stderr.ts'
import { refuseExisting, runWithRecording, warnDamage } from './recordings.ts'

/** Runs `kmemtop redact`; returns the exit code. @throws UserError for a file that cannot be read or exists already */
export async function runRedact(file: string, options: RedactOptions): Promise<number> {
  const { output, key } = options
  refuseExisting(output)
  const secret = key ?? randomBytes(32)
  const computeDigest = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
  return runWithRecording(file, options, async seeker => {
    const written = await writeRecording(
      output,
      redactRecording(seeker.replayer, computeDigest),
      seeker.replayer.thresholds,
    )
    logToStderr(`redacted into ${output}, ${formatBytes(written)}`)
    warnDamage(seeker)
    return EXIT.ok
  })
}
