// A column of a table.
import type { Align } from './cells.ts'

/** A column of a table: its title, its width in cells, and what happens where the table is too narrow. */
export interface TableColumn {
  readonly id: string
  readonly title: string
  /** cells; the one column without a width is flexible and takes the remaining width */
  readonly width?: number
  /** cells that a column of fixed width may get more, where there is room: for sparklines */
  readonly grow?: number
  /** minimum cells of the column without a width; other columns are dropped before it gets narrower */
  readonly minWidth?: number
  readonly align?: Align
  /** a sentence, of which the beginning suffices: other columns do not give way to the whole of it */
  readonly isSentence?: boolean
  /** sorted from small to large, or from A to Z, unless the order is reversed */
  readonly isAscending?: boolean
  /** where a long text is cut; paths keep both ends */
  readonly truncateAt?: 'end' | 'middle'
  /** a narrow table drops the columns with the highest rank first; for those below 1 long names are cut */
  readonly rank?: number
}
