// Accuracy of the detectors on a corpus of labelled simulated sessions, compared with simpler detectors on the same numbers.
import { type Bench, mean, median, type Row, roundTo, type Settings, type Table } from './bench.ts'
import { type CorpusCase, canLeak, drawCase, KINDS, LEAKS } from './sim/corpus.ts'
import { type Score, scoreCase } from './sim/score.ts'
import { HOUR, MINUTE } from './sim/signals.ts'

/** First seeds of the half for tuning parameters and of the half for measuring only. */
const HALVES = { train: 1, test: 500_000 } as const
type Half = keyof typeof HALVES

/** Yields every kind of node without a leak and with each kind of leak, `runs` times. @param from the first seed, instead of that of the half */
export function* generateCorpus(half: Half, runs: number, from?: number): Generator<CorpusCase> {
  let seed: number = from ?? HALVES[half]
  for (let run = 0; run < runs; run++) {
    for (const kind of Object.keys(KINDS)) {
      for (const leak of [undefined, ...LEAKS]) {
        seed += 2
        if (leak !== undefined && !canLeak(kind)) continue
        yield drawCase(kind, leak, seed)
      }
    }
  }
}

export const detect: Bench = {
  about:
    'recall, false alarms, delay and time left of slab-growth on simulated sessions (--half train|test, --runs N, --seed N)',
  run: async ({ half, runs, seed, progress }: Settings): Promise<Table> => {
    const scores = new Map<string, Score[]>()
    const wrong: string[] = []
    let [samples, cpu, cases] = [0, 0, 0]
    for (const one of generateCorpus(half, runs, seed)) {
      const result = scoreCase(one)
      samples += result.samples
      cpu += result.cpu
      cases++
      for (const [name, score] of Object.entries(result.scores)) scores.set(name, [...(scores.get(name) ?? []), score])
      const mine = result.scores.kmemtop!
      if ((mine.leak && !mine.found) || mine.falseAlarms > 0 || mine.criticalOnGrowth > 0)
        wrong.push(
          `${one.name} (seed ${one.seed}, ${Math.round(one.node.total / 2 ** 30)} GiB): ${[describeErrors(mine), ...result.others].join(', ')}`,
        )
      progress(`detect: ${cases} cases, ${wrong.length} wrong`)
    }
    return {
      title: `Detection on the ${half} half: ${cases} sessions, ${samples} samples, ${roundTo((cpu / samples) * 1000)} us CPU per sample for the history and all detectors`,
      notes: wrong,
      rows: [
        ...[...scores].map(([name, all]) => buildRow(name, all)),
        ...LEAKS.map(kind =>
          buildRow(
            `kmemtop: ${kind}`,
            scores.get('kmemtop')!.filter(({ leak }) => leak === kind),
          ),
        ),
      ],
    }
  },
}

const describeErrors = ({ leak, found, falseAlarms, criticalOnGrowth }: Score): string =>
  [
    leak && !found ? 'missed' : '',
    falseAlarms > 0 ? `${falseAlarms} false` : '',
    criticalOnGrowth > 0 ? 'critical on a growth that levels off' : '',
  ]
    .filter(Boolean)
    .join(', ')

function buildRow(name: string, all: readonly Score[]): Row {
  const leaks = all.filter(({ leak }) => leak)
  const found = leaks.filter(one => one.found)
  const days = all.reduce((sum, one) => sum + one.days, 0)
  const total = (value: (score: Score) => number): number => all.reduce((sum, one) => sum + value(one), 0)
  const errors = found.flatMap(({ leftError }) => leftError ?? [])
  const named = found.filter(one => one.named !== undefined)
  const oracle = found.flatMap(({ oracleError }) => oracleError ?? [])
  const percent = (share: number): number => roundTo(100 * share)
  return {
    detector: name,
    leaks: leaks.length,
    'node-days': roundTo(days),
    'recall %': percent(found.length / leaks.length),
    'false/100 node-days': roundTo((100 * total(one => one.falseAlarms)) / days),
    'critical on growth that ends': total(one => one.criticalOnGrowth),
    shown: total(one => one.shown),
    'delay min (median)': roundTo(median(found.map(({ delay }) => delay! / MINUTE))),
    'delay h (mean)': roundTo(mean(found.map(({ delay }) => delay! / HOUR))),
    'of the time left %': percent(median(found.map(({ used }) => used!))),
    ...(errors.length > 0
      ? {
          'time left error % (median)': percent(median(errors)),
          'within 20 %': percent(errors.filter(error => error <= 0.2).length / errors.length),
          "an oracle's within 20 %": percent(oracle.filter(error => error <= 0.2).length / oracle.length),
          'forecast half-way %': percent(errors.length / leaks.length),
        }
      : {}),
    ...(named.length > 0 ? { 'cache right %': percent(named.filter(one => one.named).length / named.length) } : {}),
  }
}
