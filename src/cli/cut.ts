// kmemtop cut: a part of a recording as a small file of its own.

import { UserError } from '../base/errors.ts'
import { formatBytes, formatDateTime } from '../base/format.ts'
import type { Alert } from '../detectors/alerts.ts'
import { createMonitorState } from '../detectors/watch.ts'
import { AlertLog } from '../session/alert-log.ts'
import { buildKeyframeAt, readSamplesBetween } from '../session/cutting.ts'
import { readSamples } from '../session/looks.ts'
import type { RecordingSeeker } from '../session/reel.ts'
import { writeRecording } from '../session/rewrite.ts'
import { EXIT } from './exit.ts'
import type { CutOptions } from './options.ts'
import { withProgress } from './progress.ts'
import { refuseExisting, sayDamage, sayWritten, spanOf, windowOf, withReel } from './recordings.ts'

const HOUR = 3_600_000
const MARGIN = 300_000 // ms around an alert

export async function cut(file: string, options: CutOptions): Promise<number> {
  const { output, alert, margin = MARGIN } = options
  if (alert !== undefined && (options.begin ?? options.end) !== undefined)
    throw new UserError('--alert names the time itself: give it, or --begin and --end')
  refuseExisting(output)
  return withReel(file, options, async reel => {
    const { begin, end } =
      alert === undefined ? windowOf(options, spanOf(reel)) : around(alertOf(reel, alert), margin, reel)
    const { replayer: folder, session } = reel
    const looks = readSamplesBetween(folder, begin, end)
    const first = looks.next()
    const at = (time: number): string => formatDateTime(session.wallClock + time)
    if (first.done) throw new UserError(`there is no look from ${at(begin)} to ${at(end)}`)
    const limits = folder.thresholds
    const content = {
      session: first.value.session,
      keyframe: buildKeyframeAt(folder, begin, limits['oom-kill'].markedMinutes * 60_000),
      samples: chained(first.value, looks),
      dense: end - begin <= HOUR, // a second of work for each two minutes of a large node
    }
    const written = await writeRecording(output, content, limits)
    sayWritten(`cut ${at(begin)} to ${at(end)} into ${output}, ${formatBytes(written)}`)
    sayDamage(reel)
    return EXIT.fine
  })
}

function* chained<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first
  yield* rest
}

/** An alert by its number in `kmemtop info`. */
function alertOf(reel: RecordingSeeker, number: number): Alert {
  const limits = reel.replayer.thresholds
  const log = new AlertLog()
  let watch = createMonitorState(reel.session)
  for (const look of withProgress(readSamples(reel.replayer), ({ time }) => time, reel)) watch = log.applySample(watch, look, limits)
  const alerts = log.listAlerts()
  const alert = alerts[number - 1]
  if (alert) return alert
  const there = alerts.length === 0 ? 'no alerts' : alerts.length === 1 ? 'one alert' : `alerts 1 to ${alerts.length}`
  throw new UserError(`--alert ${number}: the recording has ${there}; kmemtop info lists them`)
}

// An event counts to when it last happened: that it stays marked for a while is no part of it. A condition to its end.
function around(alert: Alert, margin: number, { begin, end }: RecordingSeeker): { begin: number; end: number } {
  const { kind, raisedAt, at, overAt, resolvedAt } = alert
  const until = kind === 'event' ? Math.max(raisedAt, at) : (overAt ?? resolvedAt ?? end)
  return { begin: Math.max(begin, raisedAt - margin), end: Math.min(end, until + margin) }
}
