// kmemtop replay --frame: one frame of a recording as text.
import { UserError } from '../base/errors.ts'
import { parseSampleTime } from '../base/when.ts'
import type { PlaybackState } from '../session/moments.ts'
import type { RecordingSeeker } from '../session/reel.ts'
import { type PanelId, panelIds, type AppState, updateState } from '../session/state.ts'
import type { Config } from './config.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { ReplayOptions } from './options.ts'
import { penOf } from './pen.ts'
import { withProgress } from './progress.ts'
import { sayDamage, sayWritten, spanOf } from './recordings.ts'

/** Looks between two words of progress, at least. */
const AT_ONCE = 20

/** Prints what the screen shows at a time: the end, or what was named. */
export async function printFrame(reel: RecordingSeeker, state: AppState, options: ReplayOptions, config: Config): Promise<number> {
  endWithOutput()
  const panel = viewOf(options.view)
  const { renderFrameText: frameText } = await import('../ui/screen.tsx')
  const at = typeof options.frame === 'string' ? options.frame : (options.begin ?? '-0s')
  const time = parseSampleTime(at, spanOf(reel), sayWritten)
  const { monitor: watch } = foldedTo(reel, Math.max(time, reel.firstSampleTime))
  const actions = [
    { type: 'view', panel },
    { type: 'silence', text: 'REPLAY' },
    { type: 'notice', text: state.ui.notice },
  ] as const
  const shown = actions.reduce(updateState, { ...state, ...watch })
  const { columns, rows } = options.size ?? { columns: 120, rows: 40 }
  const lines = frameText(shown, penOf({ ...options, color: false }, config), columns, rows)
  process.stdout.write(`${lines.join('\n')}\n`)
  sayDamage(reel)
  return EXIT.fine
}

// Exact: all that was before is folded too.
function foldedTo(reel: RecordingSeeker, time: number): PlaybackState {
  let last = reel.seek(reel.firstSampleTime)
  const timeOf = ({ monitor: watch }: PlaybackState): number => watch.history.time
  for (const moment of withProgress(momentsTo(reel, last, time), timeOf, { begin: reel.begin, end: time }))
    last = moment
  return last
}

function* momentsTo(reel: RecordingSeeker, from: PlaybackState, time: number): Generator<PlaybackState> {
  for (let moment = from; ; ) {
    const next = reel.replayUntil(moment, time, AT_ONCE)
    if (next === moment) return
    yield next
    moment = next
  }
}

/** A view by its name. @throws UserError */
export function viewOf(name = 'overview'): PanelId | 'overview' {
  const views = ['overview', ...panelIds] as const
  const view = views.find(known => known === name)
  if (view === undefined) throw new UserError(`--view ${name}: expected one of ${views.join(', ')}`)
  return view
}
