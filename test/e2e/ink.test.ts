// kmemtop's screens in a terminal: with Ink's modules swapped every cell is what Ink as it is would show, in fewer bytes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AppState } from '../../src/app/state.ts'
import { panelIds } from '../../src/panels/index.ts'
import { listRowKeys } from '../../src/ui/screen.tsx'
import { pickCases } from '../full.ts'
import type { Cell } from '../helpers/emulator.ts'
import { openTerminal } from '../helpers/terminal.ts'
import { type Bundles, buildBundles } from '../ink/bundles.ts'
import { applyActions, emptyState, fullState } from '../playback/states.ts'
import { NODE } from './program.ts'

const states: readonly AppState[] = [
  emptyState,
  fullState,
  ...panelIds.flatMap(panel => {
    const view = applyActions(fullState, { type: 'view', panel })
    const [first, , third] = listRowKeys(view)
    const details = [first, third].flatMap(key => (key ? [applyActions(view, { type: 'detail', key }), view] : []))
    return [fullState, view, ...details]
  }),
  applyActions(fullState, { type: 'help' }),
  applyActions(fullState, { type: 'notice', text: 'config 漢字 👨‍👩‍👧 e\u0301 not taken' }),
  fullState,
]

// What goes to another program are plain values: the tree of cgroups as a Map.
const asPlain = (state: AppState): AppState => {
  const { cgroups } = state.history
  const plain = { ...cgroups, cgroups: new Map(cgroups.cgroups) } as unknown as typeof cgroups
  return { ...state, history: { ...state.history, cgroups: plain } }
}

let programs: Bundles

beforeAll(async () => {
  programs = await buildBundles('screens')
  writeFileSync(join(programs.folder, 'states'), serialize(states.map(asPlain)))
})

afterAll(() => programs.remove())

interface Shown {
  readonly bytes: number
  readonly lines: readonly string[]
  readonly cells: readonly Cell[]
}

async function shownBy(program: string, columns: number, rows: number): Promise<Shown> {
  const args = [program, join(programs.folder, 'states')]
  const terminal = await openTerminal({ command: NODE, args, columns, rows, keepBytes: true })
  try {
    await terminal.waitFor(() => terminal.rawBytes().bytes.includes('all shown'))
    await terminal.waitUntilDrawn()
    const lines = terminal.screen()
    const cells = Array.from({ length: columns * rows }, (_, i) => terminal.cell(Math.floor(i / columns), i % columns))
    terminal.write('qq')
    await terminal.exited
    return { bytes: terminal.rawBytes().total, lines, cells }
  } finally {
    await terminal.close()
  }
}

const SIZES = [
  [120, 40],
  [200, 60],
  [80, 24],
] as const

test.each(pickCases<readonly (readonly [number, number])[]>(SIZES.slice(0, 1), SIZES))(
  'the screen at %i×%i is the same with and without our modules',
  async (columns, rows) => {
    const expected = await shownBy(programs.plain, columns, rows)
    const found = await shownBy(programs.swapped, columns, rows)
    expect(found.lines).toEqual(expected.lines)
    expect(found.lines.join('\n')).toMatch(/Memory[\s\S]*q quit/)
    expect(found.cells).toEqual(expected.cells)
    expect(expected.bytes).toBeGreaterThan(20_000)
    expect(found.bytes).toBeLessThan(expected.bytes)
  },
)
