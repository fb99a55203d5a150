// The goals of cost in one table: what was measured in this run beside what is wanted. A goal whose bench did not run has no row.
import { type Row, roundTo, type Table } from './bench.ts'

interface Goal {
  readonly what: string
  readonly goal: number
  readonly bench: string
  /** the first cells of the row of that bench, and its column */
  readonly row: readonly string[]
  readonly column: string
}

const GOALS: readonly Goal[] = [
  { what: 'screen 120x40: CPU / btop', goal: 1, bench: 'screen', row: ['kmemtop', '120x40'], column: '/ btop' },
  { what: 'screen 200x60: CPU / btop', goal: 1, bench: 'screen', row: ['kmemtop', '200x60'], column: '/ btop' },
  { what: 'screen 120x40: RSS MB', goal: 85, bench: 'screen', row: ['kmemtop', '120x40'], column: 'RSS MB' },
  { what: 'text output: CPU s/min', goal: 0.3, bench: 'headless', row: ['kmemtop'], column: 'CPU s/min' },
  { what: 'text output: RSS MB', goal: 60, bench: 'headless', row: ['kmemtop'], column: 'peak RSS MB' },
  { what: '5,000 real cgroups: % of a core', goal: 2, bench: 'scale', row: ['5000 real'], column: 'text CPU %' },
  { what: 'first frame, ms', goal: 250, bench: 'start', row: ['kmemtop'], column: 'median ms' },
  { what: '--version, ms', goal: 80, bench: 'start', row: ['kmemtop --version'], column: 'median ms' },
  {
    what: 'recording, 200 cgroups: MB/day',
    goal: 40,
    bench: 'recording',
    row: ['kmemtop, 200 cgroups'],
    column: 'MB/day',
  },
  { what: 'open a recording, ms', goal: 50, bench: 'player', row: ['opened, first frame folded'], column: 'median ms' },
  { what: 'worst seek, ms', goal: 100, bench: 'player', row: ['seek, all folded'], column: 'worst ms' },
]

/** Returns the goals that these tables say something about. */
export function buildGoalTable(tables: Readonly<Record<string, Table>>): Table {
  const rows = GOALS.flatMap(({ what, goal, bench, row, column }): Row[] => {
    const found = tables[bench]?.rows.find(candidate => row.every((cell, i) => Object.values(candidate)[i] === cell))
    const value = found?.[column]
    if (typeof value !== 'number') return []
    return [{ what, measured: roundTo(value), goal, met: value <= goal ? 'yes' : 'no' }]
  })
  return {
    title: 'Goals',
    notes: [
      'System calls, recorded bytes and allocations per second: test/budget.test.ts. A day in fast time: test/soak.test.ts.',
    ],
    rows,
  }
}
