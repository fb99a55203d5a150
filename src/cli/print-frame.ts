// kmemtop replay --frame: one frame of a recording as text.

import { type AppState, type PanelId, updateState } from '../app/state.ts'
import { UserError } from '../base/errors.ts'
import { parseSampleTime } from '../base/parse-time.ts'
import { panelIds } from '../panels/index.ts'
import type { RecordingSeeker } from '../playback/recording-seeker.ts'
import type { PlaybackState } from '../playback/replayer.ts'
import type { Config } from './config.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import type { ReplayOptions } from './options.ts'
import { buildPen } from './pen.ts'
import { trackProgress } from './progress.ts'
import { getSpan, logToStderr, warnDamage } from './recordings.ts'

/** Looks between two words of progress, at least. */
const SAMPLES_PER_STEP = 20

/** Prints what the screen shows at a time: the end, or what was named. */
export async function printFrame(
  seeker: RecordingSeeker,
  state: AppState,
  options: ReplayOptions,
  config: Config,
): Promise<number> {
  exitWhenOutputCloses()
  const panel = parseView(options.view)
  const { renderFrameText: frameText } = await import('../ui/screen.tsx')
  const timeText = typeof options.frame === 'string' ? options.frame : (options.begin ?? '-0s')
  const time = parseSampleTime(timeText, getSpan(seeker), logToStderr)
  const { monitor: watch } = replayTo(seeker, Math.max(time, seeker.firstSampleTime))
  const actions = [
    { type: 'view', panel },
    { type: 'silence', text: 'REPLAY' },
    { type: 'notice', text: state.ui.notice },
  ] as const
  const shownState = actions.reduce(updateState, { ...state, ...watch })
  const { columns, rows } = options.size ?? { columns: 120, rows: 40 }
  const lines = frameText(shownState, buildPen({ ...options, color: false }, config), columns, rows)
  process.stdout.write(`${lines.join('\n')}\n`)
  warnDamage(seeker)
  return EXIT.fine
}

// Exact: all that was before is folded too.
function replayTo(seeker: RecordingSeeker, time: number): PlaybackState {
  let last = seeker.seek(seeker.firstSampleTime)
  const getTime = ({ monitor: watch }: PlaybackState): number => watch.history.time
  for (const state of trackProgress(iterateStatesTo(seeker, last, time), getTime, { begin: seeker.begin, end: time }))
    last = state
  return last
}

function* iterateStatesTo(seeker: RecordingSeeker, from: PlaybackState, time: number): Generator<PlaybackState> {
  for (let state = from; ; ) {
    const next = seeker.replayUntil(state, time, SAMPLES_PER_STEP)
    if (next === state) return
    yield next
    state = next
  }
}

/** A view by its name. @throws UserError */
export function parseView(name = 'overview'): PanelId | 'overview' {
  const views = ['overview', ...panelIds] as const
  const view = views.find(known => known === name)
  if (view === undefined) throw new UserError(`--view ${name}: expected one of ${views.join(', ')}`)
  return view
}
