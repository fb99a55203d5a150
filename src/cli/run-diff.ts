// Runs `kmemtop diff`: what grew between two recordings, two windows, or the start and the end of one.
import { UserError } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import { computeDiff, type DiffWindow } from '../export/diff.ts'
import { formatDiff, toDiffJson } from '../export/diff-text.ts'
import { computeHistoryAt } from '../playback/history-at.ts'
import type { RecordingSeeker } from '../playback/recording-seeker.ts'
import type { DiffOptions } from './commands/diff.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import { getSpan, parseWindow, runWithRecording, warnDamage, writeStdout } from './recordings.ts'
import type { WindowOptions } from './shared-options.ts'

export async function runDiff(files: readonly string[], options: DiffOptions): Promise<number> {
  exitWhenOutputCloses()
  const [first = '', second] = files
  if (first === '-' && second === '-')
    throw new UserError('- is standard input, which holds one recording; name a file for the other')
  const secondWindow = { ...(options.beginB && { begin: options.beginB }), ...(options.endB && { end: options.endB }) }
  const [a, b] = await runWithRecording(first, {}, async seeker => {
    const window = readWindow(first, seeker, options)
    if (second !== undefined)
      return [
        window,
        await runWithRecording(second, {}, async secondSeeker => readWindow(second, secondSeeker, secondWindow)),
      ] as const
    if (options.beginB === undefined && options.endB === undefined)
      return [getBeginning(window, seeker), window] as const
    return [window, readWindow(first, seeker, secondWindow)] as const
  })
  const { session: before } = a.history
  const { session: after } = b.history
  const isSameBoot = second === undefined || (before.bootId === after.bootId && before.bootId !== 'unknown')
  const changed = computeDiff(a, b, isSameBoot)
  await writeStdout(options.json ? `${toJson(toDiffJson(a, b, changed), 2)}\n` : formatDiff(a, b, changed))
  return EXIT.ok
}

function readWindow(name: string, seeker: RecordingSeeker, options: WindowOptions): DiffWindow {
  const { begin, end } = parseWindow(options, getSpan(seeker))
  const start = computeHistoryAt(seeker.replayer, begin)
  const history = computeHistoryAt(seeker.replayer, end)
  warnDamage(seeker)
  return { name, begin: start.time, history, countersAtBegin: start.vmstat.counters }
}

const getBeginning = ({ name, begin }: DiffWindow, seeker: RecordingSeeker): DiffWindow => ({
  name,
  begin,
  history: computeHistoryAt(seeker.replayer, begin),
  countersAtBegin: undefined,
})
