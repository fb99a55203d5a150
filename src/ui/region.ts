// Regions: the parts of the screen as lines, and the whole screen joined from them.

/** A part of the screen: lines of exact width. */
export interface Region {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly lines: readonly string[]
}

/** Returns the lines of rows of regions, which together fill the screen. */
export const joinRegions = (rows: readonly (readonly Region[])[]): readonly string[] => rows.flatMap(joinRow)

function joinRow(row: readonly Region[]): readonly string[] {
  const [first] = row
  if (row.length === 1 && first!.lines.length === first!.height) return first!.lines
  const drawLine = (i: number): string => row.map(({ lines, width }) => lines[i] ?? ' '.repeat(width)).join('')
  return Array.from({ length: first!.height }, (_, i) => drawLine(i))
}
