// kmemtop diff: what grew between two recordings, two windows, or the beginning and the end of one.
import { UserError } from '../base/errors.ts'
import { toJson } from '../base/text.ts'
import { computeDiff, type DiffWindow } from '../export/diff.ts'
import { toDiffJson, formatDiff } from '../export/diff-text.ts'
import { computeHistoryAt } from '../session/moment-cold.ts'
import type { RecordingSeeker } from '../session/reel.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { DiffOptions, WindowOptions } from './options.ts'
import { sayDamage, spanOf, windowOf, withReel, write } from './recordings.ts'

export async function diff(files: readonly string[], options: DiffOptions): Promise<number> {
  endWithOutput()
  const [first = '', second] = files
  if (first === '-' && second === '-') throw new UserError('standard input is one recording: name the other')
  const other = { ...(options.beginB && { begin: options.beginB }), ...(options.endB && { end: options.endB }) }
  const [a, b] = await withReel(first, {}, async reel => {
    const window = read(first, reel, options)
    if (second !== undefined)
      return [window, await withReel(second, {}, async two => read(second, two, other))] as const
    if (options.beginB === undefined && options.endB === undefined) return [beginningOf(window, reel), window] as const
    return [window, read(first, reel, other)] as const
  })
  const { session: before } = a.history
  const { session: after } = b.history
  const isSameBoot = second === undefined || (before.bootId === after.bootId && before.bootId !== 'unknown')
  const changed = computeDiff(a, b, isSameBoot)
  await write(options.json ? `${toJson(toDiffJson(a, b, changed), 2)}\n` : formatDiff(a, b, changed))
  return EXIT.fine
}

function read(name: string, reel: RecordingSeeker, options: WindowOptions): DiffWindow {
  const { begin, end } = windowOf(options, spanOf(reel))
  const start = computeHistoryAt(reel.replayer, begin)
  const history = computeHistoryAt(reel.replayer, end)
  sayDamage(reel)
  return { name, begin: start.time, history, countersAtBegin: start.vmstat.counters }
}

const beginningOf = ({ name, begin }: DiffWindow, reel: RecordingSeeker): DiffWindow => ({
  name,
  begin,
  history: computeHistoryAt(reel.replayer, begin),
  countersAtBegin: undefined,
})
