// Takes one survey within a budget, in slices: sampling goes on in between.
import { formatSurvey, SURVEY_FILE, type SurveyLine } from '../../collectors/holders/survey.ts'
import type { Reading } from '../../history.ts'
import type { Clock } from '../clock.ts'
import { scanProcesses } from './processes.ts'
import type { SurveyHost } from './survey-host.ts'
import { scanTmpfs } from './tmpfs-mounts.ts'

/**
 * Milliseconds of work of one survey, of CPU time where it is known: on a busy node a survey also waits for its turn, which costs
 * nothing. A slice of it and the whole take no longer than this by the clock.
 */
const BUDGET = { total: 600, slice: 20, longest: 10_000 } as const
/** Milliseconds that all requests to another node may take, pauses not counted. */
const FAR_BUDGET = 5000
/** Share of the budget for processes; the rest is for tmpfs mounts. */
const PROCESS_SHARE = 0.75

/**
 * Surveys the node. Files that cannot be read are missing, and the coverage says how far it got. Rejects only when the link to another node is lost.
 * @param reason the key of the alert it is taken for
 * @param pause lets others work between two slices
 */
export async function takeSurvey(
  host: SurveyHost,
  clock: Clock,
  reason: string,
  pause: () => Promise<void>,
): Promise<Reading> {
  const fetched = await fetchAll(host, clock, pause)
  const stopwatch = createStopwatch(clock, pause, clock.readCpuTime)
  const end = clock.now() + BUDGET.longest
  const isOver = (share: number) => (): boolean => stopwatch.getWork() >= BUDGET.total * share || clock.now() >= end
  const scan = await runInSlices(scanProcesses(host, isOver(PROCESS_SHARE)), stopwatch)
  const tmpfs = await runInSlices(scanTmpfs(host, isOver(1)), stopwatch)
  const { kept, ...counts } = scan
  const cost = Math.round((stopwatch.getWork() + fetched.cost) * 1000) / 1000
  const processesRead = Math.min(counts.processesRead, fetched.processes)
  const lines: readonly SurveyLine[] = [
    { fact: 'coverage', reason, ...counts, processesRead, openFiles: readOpenFiles(host), cost },
    ...kept.map(process => ({ fact: 'process' as const, ...process })),
    ...tmpfs.map(mount => ({ fact: 'tmpfs' as const, ...mount })),
  ]
  return { time: clock.now(), collector: 'holders', files: { [SURVEY_FILE]: formatSurvey(lines) }, cost }
}

async function fetchAll(
  host: SurveyHost,
  clock: Clock,
  pause: () => Promise<void>,
): Promise<{ readonly processes: number; readonly cost: number }> {
  if (!host.fetch) return { processes: Number.POSITIVE_INFINITY, cost: 0 }
  const stopwatch = createStopwatch(clock, pause)
  const processes = await host.fetch({
    isOver: () => stopwatch.getWork() >= FAR_BUDGET,
    pause: () => stopwatch.checkSlice(),
  })
  return { processes, cost: stopwatch.getWork() }
}

interface Stopwatch {
  /** milliseconds of work so far, pauses not counted */
  getWork(): number
  /** pauses when the slice is over */
  checkSlice(): Promise<void>
}

function createStopwatch(clock: Clock, pause: () => Promise<void>, readWork = clock.now): Stopwatch {
  let [before, begin, sliceBegin] = [0, readWork(), clock.now()]
  return {
    getWork: () => before + readWork() - begin,
    checkSlice: async () => {
      if (clock.now() - sliceBegin < BUDGET.slice) return
      before += readWork() - begin
      await pause()
      begin = readWork()
      sliceBegin = clock.now()
    },
  }
}

async function runInSlices<Result>(steps: Generator<void, Result>, { checkSlice }: Stopwatch): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await checkSlice()
  }
}

// 3424	0	9223372036854775807
function readOpenFiles(host: SurveyHost): number | null {
  try {
    return Number.parseInt(host.readOnce('/proc/sys/fs/file-nr'), 10)
  } catch {
    return null
  }
}
