// kmemtop info: what is inside a recording. It is read once, part by part, whatever its length.
import { toJson } from '../base/text.ts'
import type { RecordingHeader } from '../collectors/collector.ts'
import { createMonitorState, isSameBoot } from '../detectors/watch.ts'
import { type Damage, toInfoJson, formatInfo } from '../export/info.ts'
import { Inventory } from '../export/inventory.ts'
import { AlertLog } from '../session/alert-log.ts'
import { readSamples } from '../session/looks.ts'
import type { RecordingPart } from '../sources/kmem/part.ts'
import { isSameSession } from '../sources/kmem/placing.ts'
import type { Recording } from '../sources/kmem/tape.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { InfoOptions } from './options.ts'
import { withProgress } from './progress.ts'
import { withReel, write } from './recordings.ts'

export async function info(file: string, options: InfoOptions): Promise<number> {
  endWithOutput()
  return withReel(file, options, async (reel, { recording: tape, name }) => {
    const { session } = reel
    const inventory = new Inventory(session.interval)
    const alerts = new AlertLog()
    const limits = reel.replayer.thresholds
    const damage: Damage[] = tape.problems.map(text => ({ text }))
    const entered = (part: RecordingPart, i: number): void => void damage.push(...damageOf(part, i, tape))
    let watch = createMonitorState(session)
    const sessions: RecordingHeader[] = []
    const log = { read: 0, lost: 0 } // of the boots before
    for (const look of withProgress(readSamples(reel.replayer, { onPart: entered }), ({ time }) => time, reel)) {
      const before = sessions.at(-1)
      if (!before || !isSameSession(before, look.session)) sessions.push(look.session)
      if (before && !isSameBoot(before, look.session)) {
        log.read += watch.history.kmsg.read
        log.lost += watch.history.kmsg.lost
      }
      inventory.addSample(look.time, look.readings)
      watch = alerts.applySample(watch, look, limits)
    }
    const { kmsg } = watch.history
    const told = {
      file: name,
      bytes: tape.bytes,
      session,
      begin: inventory.first ?? reel.begin,
      end: inventory.last ?? reel.end,
      parts: tape.parts.length,
      complete: tape.complete,
      inventory,
      kernelLog: { read: log.read + kmsg.read, lost: log.lost + kmsg.lost },
      later: sessions.slice(1),
      damage,
      alerts: alerts.listAlerts(),
    }
    await write(options.json ? `${toJson(toInfoJson(told), 2)}\n` : formatInfo(told))
    return EXIT.fine
  })
}

/** What is wrong with a part, where it stands, and how far it could be read. */
function damageOf({ problem, readings, sampleEnds: looks }: RecordingPart, i: number, { parts, session }: Recording): readonly Damage[] {
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
