// What the commands on recordings share: opening one, the part of it that is meant, and writing without end.
import { existsSync } from 'node:fs'
import { UserError } from '../base/errors.ts'
import { parseTime, type TimeSpan } from '../base/parse-time.ts'
import { escapeControls } from '../base/text.ts'
import { RecordingSeeker } from '../playback/recording-seeker.ts'
import { openRecording, openStream, type RecordingFile } from '../recording/open-recording.ts'
import { resolveThresholds } from './config.ts'
import type { ThresholdOptions, WindowOptions } from './options.ts'
import { loadConfig } from './start-sampling.ts'

/** A recording by its name; `-` is standard input. @throws UserError */
export const openNamed = async (file: string): Promise<RecordingFile> =>
  file === '-' ? openStream(process.stdin) : openRecording(file)

/** The span of a recording, for times as a person writes them. */
export const getSpan = (reel: RecordingSeeker): TimeSpan => ({
  begin: reel.begin,
  end: reel.end,
  wallClock: reel.session.wallClock,
})

/** The part of a recording that is meant, session milliseconds. Says on stderr what of it lies beyond the recording. @throws UserError */
export function parseWindow(
  { begin, end }: WindowOptions,
  span: TimeSpan,
): { readonly begin: number; readonly end: number } {
  const from = begin === undefined ? span.begin : parseTime(begin, span, logToStderr)
  const until = end === undefined ? span.end : parseTime(end, span, logToStderr)
  if (from > until) throw new UserError(`--begin ${begin} is after ${end === undefined ? 'the end' : `--end ${end}`}`)
  return { begin: from, end: until }
}

/** Runs on a recording that is opened, and closed in the end. The reel's folder knows the thresholds. @throws UserError */
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

/** Writes to standard output; waits when nobody takes it. */
export async function writeStdout(text: string): Promise<void> {
  if (process.stdout.write(text)) return
  await new Promise<void>(resolve => process.stdout.once('drain', () => resolve()))
}

/** A file that is there already is refused before anything is read. @throws UserError */
export function refuseExisting(output: string): void {
  if (existsSync(output))
    throw new UserError(`${output} exists: a recording is never written over another; name a new file`)
}

/** What of a recording that was gone through could not be read, on stderr: what was printed tells nothing of it. */
export function warnDamage({ replayer: folder }: RecordingSeeker): void {
  for (const text of folder.describeDamage()) logToStderr(`damaged recording: ${text}; kmemtop info tells all`)
}

/** What was done, and how, on stderr: standard output is for data. */
export const logToStderr = (text: string): void => void process.stderr.write(`kmemtop: ${escapeControls(text)}\n`)
