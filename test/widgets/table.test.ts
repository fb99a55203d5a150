// Tables: exact width, columns left out by rank, the selected row always in view.
import { describe, expect, test } from 'vitest'
import { measureWidth } from '../../src/widgets/cells.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { drawTable, findFirstRow, type TableRow } from '../../src/widgets/table.ts'
import type { TableColumn } from '../../src/widgets/table-column.ts'
import { fitColumns } from '../../src/widgets/table-columns.ts'
import { NASTY } from '../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })
const columns: readonly TableColumn[] = [
  { id: 'name', title: 'NAME', minWidth: 10 },
  { id: 'size', title: 'SIZE', width: 6, align: 'right' },
  { id: 'kind', title: 'KIND', width: 5, rank: 2 },
  { id: 'pace', title: 'PACE', width: 8, align: 'right', rank: 5 },
]
const rowOf = (name: string, key = name): TableRow => ({
  key,
  cells: { name: { text: name }, size: { text: '12.3M', tone: 'critical' }, pace: { text: '+1' } },
})
const rows = Array.from({ length: 50 }, (_, i) => rowOf(`row ${i}`))
const shown = (width: number): readonly string[] => fitColumns(columns, width).map(({ column }) => column.id)

describe('columns', () => {
  test('are dropped by rank, highest first; those without a rank last', () => {
    expect(shown(80)).toEqual(['name', 'size', 'kind', 'pace'])
    expect(shown(31)).toEqual(['name', 'size', 'kind'])
    expect(shown(22)).toEqual(['name', 'size'])
    expect(shown(5)).toEqual(['name'])
  })

  test('without a rank are kept even if the flexible column gets narrower than its minimum', () => {
    const wide = columns.map(column => (column.id === 'name' ? { ...column, minWidth: 32 } : column))
    expect(fitColumns(wide, 36).map(({ column, width }) => [column.id, width])).toEqual([
      ['name', 29],
      ['size', 6],
    ])
    const ranked = wide.map(column => (column.id === 'kind' ? { ...column, rank: 0.5 } : column))
    expect(fitColumns(ranked, 36).map(({ column }) => column.id)).toEqual(['name', 'size', 'kind'])
  })

  test('fill the width exactly once the minimum fits', () => {
    for (let width = 17; width < 120; width++) {
      const fitted = fitColumns(columns, width)
      expect(
        fitted.reduce((sum, column) => sum + column.width + 1, -1),
        String(width),
      ).toBe(width)
    }
  })
})

describe('a table', () => {
  test('has lines of exact width, and not more than the height', () => {
    const all = [...NASTY.map(name => rowOf(name)), ...rows]
    for (const width of [17, 22, 38, 80, 248]) {
      for (const height of [1, 2, 3, 20, 70]) {
        const lines = drawTable(
          pen,
          { columns, rows: all, selected: 'row 3', sortedBy: 'size', empty: ' none' },
          width,
          height,
        )
        expect(lines.length).toBeLessThanOrEqual(height)
        for (const line of lines) expect(measureWidth(line), JSON.stringify(line)).toBe(width)
      }
    }
  })

  test('shows a text when there are no rows', () => {
    const lines = drawTable(pen, { columns, rows: [], empty: ' nothing here' }, 40, 5)
    expect(lines[1]).toBe(' nothing here'.padEnd(40))
  })

  test('marks the sort column', () => {
    const [header] = drawTable(pen, { columns, rows, sortedBy: 'size', empty: '' }, 40, 5)
    expect(header).toContain('SIZE▾')
  })

  test('paints the selected row as a whole, other rows by the tones of their cells', () => {
    const loud = createPen({ level: 1, ascii: false })
    const lines = drawTable(loud, { columns, rows: rows.slice(0, 2), selected: 'row 1', empty: '' }, 40, 5)
    const [critical] = loud.paint('critical', 'x').split('x')
    expect(lines[1]).toContain(critical)
    expect(lines[2]).not.toContain(critical)
    expect(lines[2]).toMatch(/^\x1b\[7m.*\x1b\[27m\s*$/)
  })
})

describe('the selected row', () => {
  test('keeps the first letters of its name beside its sign', () => {
    const [header, first, second] = drawTable(
      pen,
      { columns, rows: [rowOf('漢字'), rowOf('java')], selected: '漢字', empty: '' },
      20,
      3,
    )
    expect([header, first, second].map(line => line!.slice(0, 6))).toEqual([' NAME ', '▌漢字   ', ' java '])
  })

  test('is visible at any position and height', () => {
    for (const room of [1, 2, 5, 49, 50, 80]) {
      for (let at = 0; at < rows.length; at++) {
        const first = findFirstRow(rows, `row ${at}`, room)
        expect(first).toBeGreaterThanOrEqual(0)
        expect(first <= at && at < first + room, `${at} in ${room}`).toBe(true)
        expect(first + Math.min(room, rows.length)).toBeLessThanOrEqual(rows.length)
      }
    }
  })

  test('shows the first rows when it no longer exists', () => {
    expect(findFirstRow(rows, 'gone', 10)).toBe(0)
    expect(findFirstRow(rows, undefined, 10)).toBe(0)
    expect(findFirstRow([], 'gone', 10)).toBe(0)
  })
})
