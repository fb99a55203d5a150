// The screen for an hour of real time: memory, CPU and the time between its samples. They must not grow.
import { setTimeout as sleep } from 'node:timers/promises'
import { createPen } from '../src/widgets/pen.ts'
import { drawSparkline } from '../src/widgets/sparkline.ts'
import { openTerminal } from '../test/helpers/terminal.ts'
import { type Bench, type Row, roundTo, type Settings } from './bench.ts'
import { measureUsage } from './measure.ts'

const MINUTES = 60
const MINUTE = 60_000

/** Measures one minute after the other; a minute begins on time, so that a drift of the program's own clock would show. */
async function measureMinutes(pid: number, progress: Settings['progress']): Promise<readonly Row[]> {
  const begin = performance.now()
  const rows: Row[] = []
  let before = measureUsage(pid).cpuSeconds
  for (let minute = 1; minute <= MINUTES; minute++) {
    progress(`soak: minute ${minute} of ${MINUTES}`)
    await sleep(begin + minute * MINUTE - performance.now())
    const { cpuSeconds, rss } = measureUsage(pid)
    rows.push({ minute, 'RSS MB': roundTo(rss / 2 ** 20), 'CPU s/min': roundTo(cpuSeconds - before) })
    before = cpuSeconds
  }
  return rows
}

async function run({ programs, progress }: Settings) {
  const kmemtop = programs.find(({ name }) => name === 'kmemtop')
  if (!kmemtop || kmemtop.missing) throw new Error(`soak: ${kmemtop?.missing ?? '--only must have kmemtop'}`)
  const terminal = await openTerminal({ ...kmemtop, columns: 120, rows: 40 })
  try {
    await terminal.waitFor(kmemtop.ready, 20_000)
    const rows = await measureMinutes(terminal.pid, progress)
    const { glyphs } = createPen({ level: 0, ascii: false })
    const draw = (column: string): string =>
      drawSparkline(
        rows.map(row => Number(row[column])),
        glyphs,
      )
    return {
      title: 'An hour of the screen',
      notes: [`RSS ${draw('RSS MB')}`, `CPU ${draw('CPU s/min')}`],
      rows: rows.filter(({ minute }) => Number(minute) % 6 === 0),
    }
  } finally {
    terminal.write('q')
    await Promise.race([terminal.exited, sleep(3000)])
    await terminal.close()
  }
}

/** An hour for real; a day in fast time is test/soak.test.ts. Only if it is named. */
export const soak: Bench = { about: 'an hour of the screen: memory and CPU of each minute (only if named)', run }
