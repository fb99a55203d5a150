// Runs `kmemtop dump`: a recording as numbers, sample by sample.
import type { MonitorState } from '../../detectors/monitor-state.ts'
import { checkFields } from '../../export/check-fields.ts'
import { dumpFormats } from '../../export/dump-formats.ts'
import { parseFields } from '../../export/fields.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { replaySamples } from '../../playback/replay-samples.ts'
import type { DumpOptions } from '../commands/dump.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { getSpan, parseWindow, runWithRecording, warnDamage, writeStdout } from './recordings.ts'
import { SpillBuffer } from './spill-buffer.ts'

/** Runs `kmemtop dump`; returns the exit code. @throws UserError for an unknown field or a file that cannot be read */
export async function runDump(file: string, options: DumpOptions): Promise<number> {
  exitWhenOutputCloses()
  const format = await dumpFormats[options.format]()
  return runWithRecording(file, options, async seeker => {
    try {
      const fields =
        options.fields === undefined ? undefined : checkFields(seeker.replayer, parseFields(options.fields))
      const request = { fields, openBuffer: () => new SpillBuffer() }
      for (const text of format(iterateStates(seeker, options), request)) await writeStdout(text)
    } finally {
      warnDamage(seeker) // a field may be missing because of it
    }
    return EXIT.ok
  })
}

/** Yields the state after each sample of the window, or after the first sample of each step. Earlier samples are applied too. */
function* iterateStates(seeker: RecordingSeeker, { every, ...window }: DumpOptions): Generator<MonitorState> {
  const { begin, end } = parseWindow(window, getSpan(seeker))
  let due = begin
  for (const { sample, monitor } of replaySamples(seeker.replayer, { end })) {
    if (sample.time < due) continue
    if (every !== undefined) due += (Math.floor((sample.time - due) / every) + 1) * every
    yield monitor
  }
}
