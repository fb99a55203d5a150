// kmemtop dump: a recording as numbers, look by look.

import { UserError } from '../base/errors.ts'
import { toJson } from '../base/json.ts'
import { createMonitorState, type MonitorState } from '../detectors/monitor-state.ts'
import { checkFields } from '../export/check-fields.ts'
import { CSV_FIELDS, formatCsvLine } from '../export/csv.ts'
import { type Field, getSection, getValue, parseFields } from '../export/fields.ts'
import { toStateJson } from '../export/state-json.ts'
import { applySample, readSamples } from '../playback/recorded-samples.ts'
import type { RecordingSeeker } from '../playback/recording-seeker.ts'
import { dumpMetrics } from './dump-metrics.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import type { DumpOptions } from './options.ts'
import { getSpan, parseWindow, runWithRecording, warnDamage, writeStdout } from './recordings.ts'

export async function runDump(file: string, options: DumpOptions): Promise<number> {
  exitWhenOutputCloses()
  return runWithRecording(file, options, async seeker => {
    try {
      const fields =
        options.fields === undefined ? undefined : checkFields(seeker.replayer, parseFields(options.fields))
      const states = iterateStates(seeker, options)
      if (options.format === 'openmetrics') await dumpMetrics(states, fields)
      else if (options.format === 'csv') await dumpCsv(states, fields ?? parseFields(CSV_FIELDS))
      else await dumpJson(states, fields)
    } finally {
      warnDamage(seeker) // a field may be missing because of it
    }
    return EXIT.fine
  })
}

/** What was known after each look of the window, or at the first after each step. All before is folded too. */
function* iterateStates(seeker: RecordingSeeker, options: DumpOptions): Generator<MonitorState> {
  const { begin, end } = parseWindow(options, getSpan(seeker))
  const thresholds = seeker.replayer.thresholds
  let monitor = createMonitorState(seeker.session)
  let due = begin
  for (const sample of readSamples(seeker.replayer, { end })) {
    monitor = applySample(monitor, sample, thresholds)
    if (sample.time < due) continue
    if (options.every !== undefined) due += (Math.floor((sample.time - due) / options.every) + 1) * options.every
    yield monitor
  }
}

const getValues = ({ history, alerts }: MonitorState, fields: readonly Field[]): readonly unknown[] => {
  const state = toStateJson(history, alerts, new Set(['time', ...fields.map(getSection)]))
  return [state.time, ...fields.map(field => getValue(state, field))]
}

async function dumpJson(states: Iterable<MonitorState>, fields: readonly Field[] | undefined): Promise<void> {
  for (const state of states) {
    if (!fields) await writeStdout(`${toJson(toStateJson(state.history, state.alerts))}\n`)
    else {
      const [time, ...values] = getValues(state, fields)
      const chosen = fields.map(({ text }, i) => [text, values[i] ?? null])
      await writeStdout(`${toJson(Object.fromEntries([['time', time], ...chosen]))}\n`)
    }
  }
}

async function dumpCsv(states: Iterable<MonitorState>, fields: readonly Field[]): Promise<void> {
  let header = formatCsvLine(['time', ...fields.map(({ text }) => text)])
  for (const state of states) {
    const values = getValues(state, fields)
    const list = values.findIndex(value => typeof value === 'object' && value !== null)
    if (list > 0)
      throw new UserError(`--fields ${fields[list - 1]!.text}: a row holds single values; name one that is in it`)
    await writeStdout(header + formatCsvLine(values))
    header = ''
  }
}
