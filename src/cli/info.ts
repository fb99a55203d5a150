// kmemtop info: what is inside a recording. It is read once, part by part, whatever its length.
import { toJson } from '../base/json.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { createMonitorState, isSameBoot } from '../detectors/monitor-state.ts'
import { type Damage, formatInfo, toInfoJson } from '../export/info.ts'
import { Inventory } from '../export/inventory.ts'
import { AlertLog } from '../playback/alert-log.ts'
import { readSamples } from '../playback/recorded-samples.ts'
import type { Recording } from '../recording/recording.ts'
import type { RecordingPart } from '../recording/recording-part.ts'
import { isSameSession } from '../recording/session-offsets.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import type { InfoOptions } from './options.ts'
import { trackProgress } from './progress.ts'
import { runWithRecording, writeStdout } from './recordings.ts'

export async function runInfo(file: string, options: InfoOptions): Promise<number> {
  exitWhenOutputCloses()
  return runWithRecording(file, options, async (seeker, { recording: tape, name }) => {
    const { session } = seeker
    const inventory = new Inventory(session.interval)
    const alerts = new AlertLog()
    const thresholds = seeker.replayer.thresholds
    const damage: Damage[] = tape.problems.map(text => ({ text }))
    const recordDamage = (part: RecordingPart, i: number): void => void damage.push(...describeDamage(part, i, tape))
    let monitor = createMonitorState(session)
    const sessions: RecordingHeader[] = []
    const earlierBoots = { read: 0, lost: 0 } // of the boots before
    for (const sample of trackProgress(
      readSamples(seeker.replayer, { onPart: recordDamage }),
      ({ time }) => time,
      seeker,
    )) {
      const previous = sessions.at(-1)
      if (!previous || !isSameSession(previous, sample.session)) sessions.push(sample.session)
      if (previous && !isSameBoot(previous, sample.session)) {
        earlierBoots.read += monitor.history.kmsg.read
        earlierBoots.lost += monitor.history.kmsg.lost
      }
      inventory.addSample(sample.time, sample.readings)
      monitor = alerts.applySample(monitor, sample, thresholds)
    }
    const { kmsg } = monitor.history
    const contents = {
      file: name,
      bytes: tape.bytes,
      session,
      begin: inventory.first ?? seeker.begin,
      end: inventory.last ?? seeker.end,
      parts: tape.parts.length,
      complete: tape.complete,
      inventory,
      kernelLog: { read: earlierBoots.read + kmsg.read, lost: earlierBoots.lost + kmsg.lost },
      later: sessions.slice(1),
      damage,
      alerts: alerts.listAlerts(),
    }
    await writeStdout(options.json ? `${toJson(toInfoJson(contents), 2)}\n` : formatInfo(contents))
    return EXIT.fine
  })
}

/** What is wrong with a part, where it stands, and how far it could be read. */
function describeDamage(
  { problem, readings, sampleEnds: looks }: RecordingPart,
  i: number,
  { parts, session }: Recording,
): readonly Damage[] {
  if (problem === undefined) return []
  const { offset, length } = parts[i]!
  const readTo = readings.at(-1)?.time
  const until =
    readTo === undefined
      ? 'nothing of it could be read'
      : `read up to ${new Date(session.wallClock + readTo).toISOString()} (${looks.length} looks)`
  const text = `part ${i + 1} (bytes ${offset} to ${offset + length}) is ${problem}: ${until}`
  return [{ text, offset, length, ...(readTo === undefined ? {} : { readTo }) }]
}
