// Runs `kmemtop cut`: saves a part of a recording as a small file of its own.

import { UserError } from '../../base/errors.ts'
import { formatBytes } from '../../base/format.ts'
import { HOUR, MINUTE } from '../../base/units.ts'
import type { Alert } from '../../detectors/alerts.ts'
import { formatSessionDate } from '../../export/session-time.ts'
import { AlertLog } from '../../playback/alert-log.ts'
import { buildKeyframeAt, readSamplesBetween } from '../../playback/cut-recording.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import { writeRecording } from '../../playback/write-recording.ts'
import type { CutOptions } from '../commands/cut.ts'
import { EXIT } from '../exit.ts'
import { logToStderr } from '../stderr.ts'
import { getSpan, parseWindow, refuseExisting, replayWithProgress, runWithRecording, warnDamage } from './recordings.ts'

const MARGIN = 5 * MINUTE // before and after an alert

interface TimeWindow {
  readonly begin: number
  readonly end: number
}

/** Runs `kmemtop cut`; returns the exit code. @throws UserError for a window that is given twice or holds no sample */
export async function runCut(file: string, options: CutOptions): Promise<number> {
  const { output, alert, begin, end } = options
  if (alert !== undefined && (begin ?? end) !== undefined)
    throw new UserError('--alert sets the window: give either --alert, or --begin and --end')
  refuseExisting(output)
  return runWithRecording(file, options, async seeker => {
    const window = findWindow(seeker, options)
    const span = `${formatSessionDate(seeker.session, window.begin)} to ${formatSessionDate(seeker.session, window.end)}`
    const written = await writeWindow(seeker, window, output)
    if (written === undefined) throw new UserError(`the recording has no sample from ${span}`)
    logToStderr(`cut ${span} into ${output}, ${formatBytes(written)}`)
    warnDamage(seeker)
    return EXIT.ok
  })
}

function findWindow(seeker: RecordingSeeker, options: CutOptions): TimeWindow {
  const { alert, margin = MARGIN } = options
  if (alert === undefined) return parseWindow(options, getSpan(seeker))
  return getAlertWindow(findAlert(seeker, alert), margin, seeker)
}

// Returns the bytes written, or undefined where the window holds no sample: then there is no file.
async function writeWindow(
  { replayer }: RecordingSeeker,
  { begin, end }: TimeWindow,
  output: string,
): Promise<number | undefined> {
  const samples = readSamplesBetween(replayer, begin, end)
  const first = samples.next()
  if (first.done) return undefined
  const { thresholds } = replayer
  const content = {
    session: first.value.session,
    keyframe: buildKeyframeAt(replayer, begin, thresholds['oom-kill'].markedMinutes * MINUTE),
    samples: prepend(first.value, samples),
    dense: end - begin <= HOUR, // strong compression takes a second for two minutes of a large node
  }
  return writeRecording(output, content, thresholds)
}

function* prepend<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first
  yield* rest
}

/** Finds an alert by its number in `kmemtop info`. @throws UserError that says which numbers there are */
function findAlert(seeker: RecordingSeeker, number: number): Alert {
  const log = new AlertLog()
  for (const _ of replayWithProgress(seeker, log)); // the log collects
  const alerts = log.listAlerts()
  const alert = alerts[number - 1]
  if (alert) return alert
  throw new UserError(`--alert ${number}: the recording has ${describeNumbers(alerts.length)}; see kmemtop info`)
}

function describeNumbers(count: number): string {
  if (count === 0) return 'no alerts'
  return count === 1 ? 'one alert' : `alerts 1 to ${count}`
}

// An event ends when it last happened, not when its mark goes away. A condition lasts until it is over.
function getAlertWindow(alert: Alert, margin: number, { begin, end }: RecordingSeeker): TimeWindow {
  const { kind, raisedAt, at, overAt, resolvedAt } = alert
  const until = kind === 'event' ? Math.max(raisedAt, at) : (overAt ?? resolvedAt ?? end)
  return { begin: Math.max(begin, raisedAt - margin), end: Math.min(end, until + margin) }
}
