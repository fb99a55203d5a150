// What the commands on recordings share: opening one, the window of it, replaying it, and writing to stdout.
import { existsSync } from 'node:fs'
import { UserError } from '../../base/errors.ts'
import { parseTime, type TimeSpan } from '../../base/parse-time.ts'
import type { AlertLog } from '../../playback/alert-log.ts'
import type { SampleRange } from '../../playback/recorded-samples.ts'
import { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { type ReplayedSample, replaySamples } from '../../playback/replay-samples.ts'
import { openRecording, openStream, type RecordingFile } from '../../recording/open-recording.ts'
import { resolveThresholds } from '../config.ts'
import { loadConfig } from '../live/start-sampling.ts'
import { openNodeFile } from '../nodes/open-node-file.ts'
import { trackProgress } from '../progress.ts'
import type { ThresholdOptions, WindowOptions } from '../shared-options.ts'
import { logToStderr } from '../stderr.ts'

/** Opens a recording, or a file of the collector, by name; `-` is standard input. @throws UserError */
export const openNamed = async (file: string): Promise<RecordingFile> =>
  file === '-' ? openStream(process.stdin) : (openNodeFile(file) ?? openRecording(file))

/** The time span of a recording, to parse the times that a user writes. */
export const getSpan = ({ begin, end, replayer }: RecordingSeeker): TimeSpan => ({
  begin,
  end,
  ...replayer.readClock(),
})

/**
 * Parses a window of a recording to session milliseconds; without times it is the whole recording.
 * Warns on stderr if a time is outside the recording.
 * @throws UserError
 */
export function parseWindow(
  { begin, end }: WindowOptions,
  span: TimeSpan,
): { readonly begin: number; readonly end: number } {
  const from = begin === undefined ? span.begin : parseTime(begin, span, logToStderr)
  const until = end === undefined ? span.end : parseTime(end, span, logToStderr)
  if (from > until) throw new UserError(`--begin ${begin} is after ${end === undefined ? 'the end' : `--end ${end}`}`)
  return { begin: from, end: until }
}

/** Opens a recording, runs a callback on it, and closes it. The replayer has the thresholds of the options. @throws UserError */
export async function runWithRecording<T>(
  file: string,
  { config, set }: ThresholdOptions,
  run: (seeker: RecordingSeeker, recordingFile: RecordingFile) => Promise<T>,
): Promise<T> {
  const thresholds = resolveThresholds(loadConfig(config, set).config)
  const recordingFile = await openNamed(file)
  try {
    return await run(new RecordingSeeker(recordingFile, thresholds), recordingFile)
  } finally {
    recordingFile.close()
  }
}

/** Replays a recording from its start, with progress on stderr; `log` collects every alert. */
export const replayWithProgress = (
  seeker: RecordingSeeker,
  log: AlertLog,
  range?: Pick<SampleRange, 'onPart'>,
): Generator<ReplayedSample> =>
  trackProgress(replaySamples(seeker.replayer, range, log), ({ sample }) => sample.time, seeker)

/** Writes to stdout; waits until its reader has taken enough. */
export async function writeStdout(text: string): Promise<void> {
  if (process.stdout.write(text)) return
  await new Promise<void>(resolve => process.stdout.once('drain', () => resolve()))
}

/** Refuses an output file that exists, before anything is read. @throws UserError */
export function refuseExisting(output: string): void {
  if (existsSync(output)) throw new UserError(`${output} exists, and a recording is never overwritten; name a new file`)
}

/** Warns on stderr about the parts of a recording that could not be read: the output does not show them. */
export function warnDamage({ replayer }: RecordingSeeker): void {
  for (const text of replayer.describeDamage()) logToStderr(`damaged recording: ${text}; see kmemtop info`)
}
