// Layout: rectangles that cover the place exactly, at every size.
import { describe, expect, test } from 'vitest'
import { panelIds } from '../../src/panels/index.ts'
import { computeOverviewLayout, computeZoomedLayout, type Layout, listPanels, MIN_SIZE } from '../../src/ui/layout.ts'

function covers(layout: Layout, columns: number, rows: number): void {
  expect(layout.reduce((sum, row) => sum + row[0]!.height, 0)).toBe(rows)
  for (const row of layout) {
    expect(row.reduce((sum, { width }) => sum + width, 0)).toBe(columns)
    expect(new Set(row.map(({ height }) => height)).size).toBe(1)
    for (const { width, height } of row) expect(Math.min(width - 2, height - 2)).toBeGreaterThanOrEqual(1)
  }
}

describe('the overview', () => {
  test('covers every size exactly, and every panel has room inside its border', () => {
    for (let columns = MIN_SIZE.columns; columns <= 250; columns += 7)
      for (
        let rows = MIN_SIZE.rows - 5;
        rows <= 70;
        rows++ // header, footer and three banner lines are taken off
      )
        for (const urgent of panelIds) covers(computeOverviewLayout(columns, rows, urgent), columns, rows)
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
  covers(computeZoomedLayout('slab', 97, 33), 97, 33)
  expect(listPanels(computeZoomedLayout('slab', 97, 33))).toEqual(['slab'])
})
