// The contents of a cut recording: the texts that were known at its begin, the log that explains the problems of that time, and its
// samples.
import { splitLines } from '../base/text.ts'
import { isSameBoot } from '../detectors/monitor-state.ts'
import { appendReading, createHistory, type Reading } from '../history.ts'
import { LatestFiles } from '../recording/latest-files.ts'
import { type RecordedSample, readSamples } from './recorded-samples.ts'
import type { Replayer } from './replayer.ts'

/** Reports begin before their kill: the log is searched this much further back. */
const LOG_MARGIN = 30_000

/**
 * Builds a keyframe of the texts known at `begin`. Its kernel log has only the records that explain earlier kills.
 * @param killDisplayTime milliseconds that a kill stays marked
 */
export function buildKeyframeAt(replayer: Replayer, begin: number, killDisplayTime: number): readonly Reading[] {
  let latestFiles = new LatestFiles()
  let current = replayer.getSession(replayer.findPart(begin))
  for (const { time, session, preamble, readings } of readSamples(replayer, { from: replayer.findPart(begin) })) {
    if (!isSameBoot(current, session)) latestFiles = new LatestFiles()
    current = session
    for (const reading of time < begin ? [...preamble, ...readings] : preamble) latestFiles.addReading(reading)
    if (time >= begin) break
  }
  const log = collectLogBefore(replayer, begin, killDisplayTime)
  return latestFiles
    .buildKeyframe()
    .map(reading =>
      reading.collector === 'kmsg' && log !== '' ? { ...reading, files: { '/dev/kmsg': log } } : reading,
    )
}

/** Yields the samples from `begin` to `end`; after a lost part with the keyframe that follows. */
export function* readSamplesBetween(replayer: Replayer, begin: number, end: number): Generator<RecordedSample> {
  let isFirst = true
  for (const sample of readSamples(replayer, { from: replayer.findPart(begin), end })) {
    if (sample.time < begin) continue
    yield isFirst ? { ...sample, preamble: [] } : sample
    isFirst = false
  }
}

// Returns all records from the first line of the oldest kill that is still marked, without a gap, so that none counts as lost.
function collectLogBefore(replayer: Replayer, begin: number, killDisplayTime: number): string {
  const since = begin - killDisplayTime - LOG_MARGIN
  let history = createHistory(replayer.getSession(replayer.findPart(since)))
  let logTexts: string[] = []
  for (const { preamble, readings, time, session } of readSamples(replayer, { from: replayer.findPart(since) })) {
    if (!isSameBoot(history.session, session)) [history, logTexts] = [createHistory(session), []]
    for (const reading of time < begin ? [...preamble, ...readings] : preamble) {
      if (reading.collector !== 'kmsg') continue
      history = appendReading(history, reading)
      if (reading.time >= since || preamble.includes(reading)) logTexts.push(reading.files['/dev/kmsg'] ?? '')
    }
    if (time >= begin) break
  }
  const { oomKills, reports } = history.kmsg
  const kills = [...oomKills.filter(kill => kill.time >= begin - killDisplayTime), ...reports]
  const first = Math.min(...kills.map(({ logLines }) => logLines?.first ?? Number.POSITIVE_INFINITY))
  return sliceRecordsFrom(logTexts.join(''), first)
}

// 4,505850,2427010230,-;ctr-b invoked oom-killer: …
function sliceRecordsFrom(text: string, first: number): string {
  const lines = splitLines(text)
  const index = lines.findIndex(line => Number(/^\d+,(\d+),/.exec(line)?.[1] ?? -1) >= first)
  return index < 0 ? '' : `${lines.slice(index).join('\n')}\n`
}
