// Runs `kmemtop info`: reads a recording once, part by part, and prints what it contains.
import { appendAll } from '../../base/extremes.ts'
import { toJson } from '../../base/json.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import { isSameBoot, type MonitorState } from '../../detectors/monitor-state.ts'
import { type Damage, formatInfo, type RecordingInfo, toInfoJson } from '../../export/info.ts'
import { Inventory } from '../../export/inventory.ts'
import { toIso } from '../../export/session-time.ts'
import { AlertLog } from '../../playback/alert-log.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import type { RecordingFile } from '../../recording/open-recording.ts'
import type { RecordingPart } from '../../recording/part.ts'
import type { Recording } from '../../recording/recording.ts'
import { isSameSession } from '../../recording/session-offsets.ts'
import type { InfoOptions } from '../commands/info.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { replayWithProgress, runWithRecording, writeStdout } from './recordings.ts'

/** Runs `kmemtop info`; returns the exit code. @throws UserError for a file that cannot be read */
export async function runInfo(file: string, options: InfoOptions): Promise<number> {
  exitWhenOutputCloses()
  return runWithRecording(file, options, async (seeker, recordingFile) => {
    const info = collectInfo(seeker, recordingFile)
    await writeStdout(options.json ? `${toJson(toInfoJson(info), 2)}\n` : formatInfo(info))
    return EXIT.ok
  })
}

function collectInfo(seeker: RecordingSeeker, { recording, name }: RecordingFile): RecordingInfo {
  const { session } = seeker
  const inventory = new Inventory(session.interval)
  const log = new AlertLog()
  const damage: Damage[] = recording.problems.map(text => ({ text }))
  const onPart = (part: RecordingPart, i: number): void => appendAll(damage, describeDamage(part, i, recording))
  const sessions: RecordingHeader[] = []
  const earlierBoots = { read: 0, lost: 0 }
  let last: MonitorState | undefined
  for (const { sample, monitor } of replayWithProgress(seeker, log, { onPart })) {
    const previous = sessions.at(-1)
    if (!previous || !isSameSession(previous, sample.session)) sessions.push(sample.session)
    if (last && previous && !isSameBoot(previous, sample.session)) {
      earlierBoots.read += last.history.kmsg.read
      earlierBoots.lost += last.history.kmsg.lost
    }
    inventory.addSample(sample.time, sample.readings)
    last = monitor
  }
  const { read = 0, lost = 0 } = last?.history.kmsg ?? {}
  const clocked = sessions.length === 1 ? (last?.history.session ?? session) : session // with the steps of the wall clock
  return {
    file: name,
    bytes: recording.bytes,
    session: clocked,
    begin: inventory.first ?? seeker.begin,
    end: inventory.last ?? seeker.end,
    parts: recording.parts.length,
    complete: recording.complete,
    inventory,
    kernelLog: { read: earlierBoots.read + read, lost: earlierBoots.lost + lost },
    later: sessions.slice(1),
    damage,
    alerts: log.listAlerts(seeker.replayer.summaryAlerts),
    alertsLeftOut: log.leftOut,
  }
}

/** Describes what is wrong with a part, where it is in the file, and how far it could be read. */
function describeDamage(
  { problem, readings, sampleEnds }: RecordingPart,
  i: number,
  { parts, session }: Recording,
): readonly Damage[] {
  if (problem === undefined) return []
  const { offset, length } = parts[i]!
  const readTo = readings.at(-1)?.time
  const until =
    readTo === undefined
      ? 'nothing in it could be read'
      : `read up to ${toIso(session, readTo)} (${sampleEnds.length} samples)`
  const text = `part ${i + 1} (bytes ${offset} to ${offset + length}) is ${problem}: ${until}`
  return [{ text, offset, length, ...(readTo === undefined ? {} : { readTo }) }]
}
