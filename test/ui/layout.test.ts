// Layout: rectangles that cover the place exactly, at every size.
import { describe, expect, test } from 'vitest'
import { panelIds } from '../../src/panels/index.ts'
import {
  computeOverviewLayout,
  computeZoomedLayout,
  type Layout,
  limitSize,
  listPanels,
  MIN_SIZE,
} from '../../src/ui/layout.ts'

/** What is wrong with a layout, in words: one assertion for thousands of sizes, because each takes longer than a layout. */
function findFaults(layout: Layout, columns: number, rows: number): readonly string[] {
  const size = `${columns}x${rows}`
  const faults: string[] = []
  if (layout.reduce((sum, row) => sum + row[0]!.height, 0) !== rows) faults.push(`${size}: other height`)
  for (const row of layout) {
    if (row.reduce((sum, { width }) => sum + width, 0) !== columns) faults.push(`${size}: other width`)
    if (new Set(row.map(({ height }) => height)).size !== 1) faults.push(`${size}: heights differ in a row`)
    for (const { panel, width, height } of row)
      if (Math.min(width - 2, height - 2) < 1) faults.push(`${size}: no room in ${panel}`)
  }
  return faults
}

test('of a terminal that claims to be huge only a part is drawn on', () => {
  expect(limitSize({ columns: 65_535, rows: 65_535 })).toEqual({ columns: 1000, rows: 500 })
  expect(limitSize({ columns: 120, rows: 40 })).toEqual({ columns: 120, rows: 40 })
})

describe('the overview', () => {
  test('covers every size exactly, and every panel has room inside its border', () => {
    const faults: string[] = []
    for (let columns = MIN_SIZE.columns; columns <= 250; columns += 7)
      for (
        let rows = MIN_SIZE.rows - 5;
        rows <= 70;
        rows++ // header, footer and three banner lines are taken off
      )
        for (const urgent of panelIds)
          faults.push(...findFaults(computeOverviewLayout(columns, rows, urgent), columns, rows))
    expect(faults).toEqual([])
  })

  test.each([
    [80, 24],
    [120, 40],
    [250, 70],
    [40, 10],
  ])('at %ix%i has memory and the urgent panel, where there is room for two', (columns, rows) => {
    for (const urgent of ['cgroups', 'slab', 'log'] as const) {
      const shown = listPanels(computeOverviewLayout(columns, rows - 2, urgent))
      expect(shown[0]).toBe('memory')
      expect(new Set(shown).size).toBe(shown.length)
      if (rows >= 24) expect(shown).toContain(urgent)
    }
  })

  test('has all five panels at 120x40', () => {
    expect(listPanels(computeOverviewLayout(120, 38, 'log')).toSorted()).toEqual([
      'cgroups',
      'log',
      'memory',
      'pressure',
      'slab',
    ])
  })
})

test('a zoomed panel has the whole area', () => {
  expect(findFaults(computeZoomedLayout('slab', 97, 33), 97, 33)).toEqual([])
  expect(listPanels(computeZoomedLayout('slab', 97, 33))).toEqual(['slab'])
})
