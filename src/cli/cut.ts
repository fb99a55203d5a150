// kmemtop cut: a part of a recording as a small file of its own.

import { UserError } from '../base/errors.ts'
import { formatBytes, formatDateTime } from '../base/format.ts'
import { HOUR, MINUTE } from '../base/units.ts'
import type { Alert } from '../detectors/alerts.ts'
import { createMonitorState } from '../detectors/monitor-state.ts'
import { AlertLog } from '../playback/alert-log.ts'
import { buildKeyframeAt, readSamplesBetween } from '../playback/cut-recording.ts'
import { readSamples } from '../playback/recorded-samples.ts'
import type { RecordingSeeker } from '../playback/recording-seeker.ts'
import { writeRecording } from '../playback/write-recording.ts'
import { EXIT } from './exit.ts'
import type { CutOptions } from './options.ts'
import { trackProgress } from './progress.ts'
import { getSpan, logToStderr, parseWindow, refuseExisting, runWithRecording, warnDamage } from './recordings.ts'

const MARGIN = 300_000 // ms around an alert

export async function runCut(file: string, options: CutOptions): Promise<number> {
  const { output, alert, margin = MARGIN } = options
  if (alert !== undefined && (options.begin ?? options.end) !== undefined)
    throw new UserError('--alert names the time itself: give it, or --begin and --end')
  refuseExisting(output)
  return runWithRecording(file, options, async seeker => {
    const { begin, end } =
      alert === undefined
        ? parseWindow(options, getSpan(seeker))
        : getAlertWindow(findAlert(seeker, alert), margin, seeker)
    const { replayer: folder, session } = seeker
    const samples = readSamplesBetween(folder, begin, end)
    const first = samples.next()
    const formatTime = (time: number): string => formatDateTime(session.wallClock + time)
    if (first.done) throw new UserError(`there is no look from ${formatTime(begin)} to ${formatTime(end)}`)
    const thresholds = folder.thresholds
    const content = {
      session: first.value.session,
      keyframe: buildKeyframeAt(folder, begin, thresholds['oom-kill'].markedMinutes * MINUTE),
      samples: prepend(first.value, samples),
      dense: end - begin <= HOUR, // a second of work for each two minutes of a large node
    }
    const written = await writeRecording(output, content, thresholds)
    logToStderr(`cut ${formatTime(begin)} to ${formatTime(end)} into ${output}, ${formatBytes(written)}`)
    warnDamage(seeker)
    return EXIT.fine
  })
}

function* prepend<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first
  yield* rest
}

/** An alert by its number in `kmemtop info`. */
function findAlert(seeker: RecordingSeeker, number: number): Alert {
  const thresholds = seeker.replayer.thresholds
  const log = new AlertLog()
  let monitor = createMonitorState(seeker.session)
  for (const sample of trackProgress(readSamples(seeker.replayer), ({ time }) => time, seeker))
    monitor = log.applySample(monitor, sample, thresholds)
  const alerts = log.listAlerts()
  const alert = alerts[number - 1]
  if (alert) return alert
  const available =
    alerts.length === 0 ? 'no alerts' : alerts.length === 1 ? 'one alert' : `alerts 1 to ${alerts.length}`
  throw new UserError(`--alert ${number}: the recording has ${available}; kmemtop info lists them`)
}

// An event counts to when it last happened: that it stays marked for a while is no part of it. A condition to its end.
function getAlertWindow(alert: Alert, margin: number, { begin, end }: RecordingSeeker): { begin: number; end: number } {
  const { kind, raisedAt, at, overAt, resolvedAt } = alert
  const until = kind === 'event' ? Math.max(raisedAt, at) : (overAt ?? resolvedAt ?? end)
  return { begin: Math.max(begin, raisedAt - margin), end: Math.min(end, until + margin) }
}
