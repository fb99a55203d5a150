// Runs a live session or a recording with --linear: changes as lines, keys as lines.

import { runEventLoop } from '../../app/event-loop.ts'
import type { AppState } from '../../app/state.ts'
import type { Store } from '../../app/store.ts'
import { DAY } from '../../base/units.ts'
import { addTime, listChangeLines } from '../../export/change-lines.ts'
import type { RecordingSeeker } from '../../playback/recording-seeker.ts'
import type { LiveSource } from '../../sampling/live-source.ts'
import type { Config } from '../config.ts'
import { EXIT, exitWhenOutputCloses, handleStopSignals, stopWhenOutputCloses } from '../exit.ts'
import { warnDamage } from '../recordings/recordings.ts'
import { watchConfig } from '../watch-config.ts'
import { createLineAnswers, describeStart, readKeyLines, writeChanges } from './linear.ts'
import { createLiveControls, type RecordTarget } from './live-controls.ts'
import { limitFirstSample, logStalls } from './stall-watchdog.ts'

/** What `--linear` speaks about: a live node or a recording. */
export interface LinearSession {
  readonly source: LiveSource
  readonly store: Store
  readonly iterations: number | undefined
  readonly config: Config
  readonly configPaths: readonly string[]
  /** thresholds of the command line */
  readonly settings: readonly string[]
  readonly recordTarget: RecordTarget
}

const output = { write: (line: string) => process.stdout.write(`${line}\n`) } as const

/** Prints the changes of this node until `q`, a signal, or the last sample. */
export async function runLinear(session: LinearSession): Promise<number> {
  const { source, store, iterations, config, configPaths, settings, recordTarget } = session
  const stop = (): void => source.stop()
  const getOutputCode = stopWhenOutputCloses(stop)
  handleStopSignals(stop)
  const controls = createLiveControls(source, store, recordTarget)
  const ends = [
    writeChanges(store, output),
    readKeyLines(createLineAnswers(store, controls), output, stop),
    await watchConfig(configPaths, config, settings, store),
    logStalls(source, store),
    controls.end,
  ]
  if (iterations !== undefined) limitFirstSample(source, store)
  await runEventLoop(source, store, iterations)
  for (const end of ends) end()
  return (await getOutputCode()) ?? EXIT.ok
}

/** Prints the changes of a whole recording, or of a part of it, without waiting. */
export function printRecordedChanges(
  seeker: RecordingSeeker,
  initial: AppState,
  { begin, end }: { readonly begin: number; readonly end: number },
): number {
  exitWhenOutputCloses()
  let current = seeker.seekExact(Math.max(begin, seeker.firstSampleTime))
  const toState = (): AppState => ({ ...initial, ...current.monitor })
  for (const line of describeStart(toState())) output.write(line)
  for (;;) {
    const next = seeker.replayUntil(current, end, 1)
    if (next === current) break
    for (const line of listChangeLines(current.monitor, next.monitor))
      output.write(addTime(next.monitor.history, line, end - begin > DAY / 2))
    current = next
  }
  output.write(`the recording ends: ${describeStart(toState()).at(-1)}`)
  warnDamage(seeker)
  return EXIT.ok
}
