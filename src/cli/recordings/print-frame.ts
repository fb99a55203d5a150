// Prints one frame of a recording as text, for `kmemtop replay --frame`.

import { type AppState, type PanelId, updateState } from '../../app/state.ts'
import { UserError } from '../../base/errors.ts'
import { parseSampleTime } from '../../base/parse-time.ts'
import { panelIds } from '../../panels/index.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import type { PlaybackState } from '../../playback/replayer.ts'
import type { ReplayOptions } from '../commands/replay.ts'
import type { Config } from '../config.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { trackProgress } from '../progress.ts'
import { logToStderr } from '../stderr.ts'
import { buildPen } from '../terminal/pen.ts'
import { getSpan, warnDamage } from './recordings.ts'

/** Samples between two reports of progress, at least. */
const SAMPLES_PER_STEP = 20

/** Prints what the screen shows at the time of --frame or --begin, or at the end. */
export async function printFrame(
  seeker: RecordingSeeker,
  state: AppState,
  options: ReplayOptions,
  config: Config,
): Promise<number> {
  exitWhenOutputCloses()
  const panel = parseView(options.view)
  const { renderFrameText } = await import('../../ui/screen.tsx')
  const timeText = typeof options.frame === 'string' ? options.frame : (options.begin ?? '-0s')
  const time = parseSampleTime(timeText, getSpan(seeker), logToStderr)
  const { monitor } = replayTo(seeker, Math.max(time, seeker.firstSampleTime))
  const actions = [
    { type: 'view', panel },
    { type: 'silence', text: 'REPLAY' },
    { type: 'notice', text: state.ui.notice },
  ] as const
  const shownState = actions.reduce(updateState, { ...state, ...monitor })
  const { columns, rows } = options.size ?? { columns: 120, rows: 40 }
  const lines = renderFrameText(shownState, buildPen({ ...options, color: false }, config), columns, rows)
  process.stdout.write(`${lines.join('\n')}\n`)
  warnDamage(seeker)
  return EXIT.ok
}

// Replays from the start, so the state is exact.
function replayTo(seeker: RecordingSeeker, time: number): PlaybackState {
  let last = seeker.seek(seeker.firstSampleTime)
  const getTime = ({ monitor }: PlaybackState): number => monitor.history.time
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

/** Returns a view by name. @throws UserError that lists the names */
export function parseView(name = 'overview'): PanelId | 'overview' {
  const views = ['overview', ...panelIds] as const
  const view = views.find(known => known === name)
  if (view === undefined) throw new UserError(`--view ${name}: expected one of ${views.join(', ')}`)
  return view
}
