// Runs `kmemtop diff`: what grew between two recordings, two windows, or the start and the end of one.
import { UserError } from '../../base/errors.ts'
import { toJson } from '../../base/json.ts'
import { computeDiff, type DiffWindow } from '../../export/diff.ts'
import { formatDiff, toDiffJson } from '../../export/diff-text.ts'
import { computeHistoryAt } from '../../playback/history-at.ts'
import { listMarks } from '../../playback/list-marks.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import type { DiffOptions } from '../commands/diff.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { findMarkWindow } from './mark-window.ts'
import { getSpan, parseWindow, runWithRecording, warnDamage, writeStdout } from './recordings.ts'

/** Runs `kmemtop diff`; returns the exit code. @throws UserError for windows or marks that the files do not have */
export async function runDiff(files: readonly string[], options: DiffOptions): Promise<number> {
  exitWhenOutputCloses()
  const [first = '', second] = files
  if (first === '-' && second === '-')
    throw new UserError('- is standard input, which holds one recording; name a file for the other')
  refuseMixedWindows(second, options)
  const secondWindow = { ...(options.beginB && { begin: options.beginB }), ...(options.endB && { end: options.endB }) }
  const [a, b] = await runWithRecording(first, {}, async seeker => {
    const window = readWindow(first, seeker, resolveMarks(seeker, options))
    if (second !== undefined)
      return [
        window,
        await runWithRecording(second, {}, async secondSeeker =>
          readWindow(second, secondSeeker, parseWindow(secondWindow, getSpan(secondSeeker))),
        ),
      ] as const
    if (options.beginB === undefined && options.endB === undefined)
      return [getBeginning(window, seeker), window] as const
    return [window, readWindow(first, seeker, parseWindow(secondWindow, getSpan(seeker)))] as const
  })
  const { session: before } = a.history
  const { session: after } = b.history
  const isSameBoot = second === undefined || (before.bootId === after.bootId && before.bootId !== 'unknown')
  const changed = computeDiff(a, b, isSameBoot)
  await writeStdout(options.json ? `${toJson(toDiffJson(a, b, changed), 2)}\n` : formatDiff(a, b, changed))
  return EXIT.ok
}

// A mark belongs to one recording, and a window has one beginning.
function refuseMixedWindows(second: string | undefined, options: DiffOptions): void {
  const { from, to, begin, end, beginB, endB } = options
  if (from === undefined && to === undefined) return
  if (second !== undefined) throw new UserError('--from and --to compare two moments of one recording')
  if ([begin, end, beginB, endB].some(time => time !== undefined))
    throw new UserError('--from and --to set the window; leave out --begin, --end, --begin-b and --end-b')
}

type SessionWindow = ReturnType<typeof parseWindow>

const resolveMarks = (seeker: RecordingSeeker, options: DiffOptions): SessionWindow =>
  options.from === undefined && options.to === undefined
    ? parseWindow(options, getSpan(seeker))
    : findMarkWindow(options, listMarks(seeker.replayer), getSpan(seeker))

function readWindow(name: string, seeker: RecordingSeeker, { begin, end }: SessionWindow): DiffWindow {
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
