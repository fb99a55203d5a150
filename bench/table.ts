// A table as plain text: names to the left, numbers to the right.
import type { Row, Table } from './bench.ts'

function formatCell(value: Row[string]): string {
  if (value === undefined) return '-'
  return typeof value === 'number' ? String(value) : value
}

/** The table with its title above and its notes below. */
export function formatTable({ title, notes, rows }: Table): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))].filter(column => column !== 'note')
  const lines = [columns, ...rows.map(row => columns.map(column => formatCell(row[column])))]
  const widths = columns.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  const text = lines.map((line, at) => {
    const cells = line.map((cell, index) => (index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)))
    const note = at === 0 ? undefined : rows[at - 1]!.note
    return [...cells, ...(note === undefined ? [] : [String(note)])].join('  ').trimEnd()
  })
  const rule = widths.map(width => '-'.repeat(width)).join('  ')
  return ['', title, '', text[0], rule, ...text.slice(1), '', ...notes].join('\n')
}
