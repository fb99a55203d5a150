// kmemtop dump: a recording as numbers, look by look.
import { UserError } from '../base/errors.ts'
import { toJson } from '../base/text.ts'
import { createMonitorState, type MonitorState } from '../detectors/watch.ts'
import { CSV_FIELDS, formatCsvLine } from '../export/csv.ts'
import { type Field, parseFields, getSection, getValue } from '../export/fields.ts'
import { toStateJson } from '../export/state-json.ts'
import { checkFields } from '../session/field-check.ts'
import { readSamples, applySample } from '../session/looks.ts'
import type { RecordingSeeker } from '../session/reel.ts'
import { dumpMetrics } from './dump-metrics.ts'
import { EXIT, endWithOutput } from './exit.ts'
import type { DumpOptions } from './options.ts'
import { sayDamage, spanOf, windowOf, withReel, write } from './recordings.ts'

export async function dump(file: string, options: DumpOptions): Promise<number> {
  endWithOutput()
  return withReel(file, options, async reel => {
    try {
      const fields = options.fields === undefined ? undefined : checkFields(reel.replayer, parseFields(options.fields))
      const states = watchesOf(reel, options)
      if (options.format === 'openmetrics') await dumpMetrics(states, fields)
      else if (options.format === 'csv') await dumpCsv(states, fields ?? parseFields(CSV_FIELDS))
      else await dumpJson(states, fields)
    } finally {
      sayDamage(reel) // a field may be missing because of it
    }
    return EXIT.fine
  })
}

/** What was known after each look of the window, or at the first after each step. All before is folded too. */
function* watchesOf(reel: RecordingSeeker, options: DumpOptions): Generator<MonitorState> {
  const { begin, end } = windowOf(options, spanOf(reel))
  const limits = reel.replayer.thresholds
  let watch = createMonitorState(reel.session)
  let due = begin
  for (const look of readSamples(reel.replayer, { end })) {
    watch = applySample(watch, look, limits)
    if (look.time < due) continue
    if (options.every !== undefined) due += (Math.floor((look.time - due) / options.every) + 1) * options.every
    yield watch
  }
}

const valuesOf = ({ history, alerts }: MonitorState, fields: readonly Field[]): readonly unknown[] => {
  const state = toStateJson(history, alerts, new Set(['time', ...fields.map(getSection)]))
  return [state.time, ...fields.map(field => getValue(state, field))]
}

async function dumpJson(watches: Iterable<MonitorState>, fields: readonly Field[] | undefined): Promise<void> {
  for (const watch of watches) {
    if (!fields) await write(`${toJson(toStateJson(watch.history, watch.alerts))}\n`)
    else {
      const [time, ...values] = valuesOf(watch, fields)
      const chosen = fields.map(({ text }, i) => [text, values[i] ?? null])
      await write(`${toJson(Object.fromEntries([['time', time], ...chosen]))}\n`)
    }
  }
}

async function dumpCsv(watches: Iterable<MonitorState>, fields: readonly Field[]): Promise<void> {
  let header = formatCsvLine(['time', ...fields.map(({ text }) => text)])
  for (const watch of watches) {
    const values = valuesOf(watch, fields)
    const list = values.findIndex(value => typeof value === 'object' && value !== null)
    if (list > 0)
      throw new UserError(`--fields ${fields[list - 1]!.text}: a row holds single values; name one that is in it`)
    await write(header + formatCsvLine(values))
    header = ''
  }
}
