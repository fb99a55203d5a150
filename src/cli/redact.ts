// kmemtop redact: the recording with other names for hosts, pods, cgroups and processes. It plays and detects as before.
import { createHmac, randomBytes } from 'node:crypto'
import { formatBytes } from '../base/format.ts'
import { redactRecording } from '../session/redacting.ts'
import { writeRecording } from '../session/rewrite.ts'
import { EXIT } from './exit.ts'
import type { RedactOptions } from './options.ts'
import { refuseExisting, sayDamage, sayWritten, withReel } from './recordings.ts'

export async function redact(file: string, options: RedactOptions): Promise<number> {
  const { output, key } = options
  refuseExisting(output)
  const secret = key ?? randomBytes(32)
  const digest = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
  return withReel(file, options, async reel => {
    const written = await writeRecording(output, redactRecording(reel.replayer, digest), reel.replayer.thresholds)
    sayWritten(`redacted into ${output}, ${formatBytes(written)}`)
    sayDamage(reel)
    return EXIT.fine
  })
}
