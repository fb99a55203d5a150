// What a person would see: the bytes of a program drawn by a real terminal emulator, @xterm/headless.
import xterm from '@xterm/headless'

// The addon reads its table from the start of its buffer: it must not be a piece of Buffer's shared pool.
Buffer.poolSize = 0
const { default: graphemes } = await import('@xterm/addon-unicode-graphemes')

/** `default`, a number of the 256-colour palette, or `#rrggbb`. */
export type Colour = 'default' | number | `#${string}`

/** One place of the screen. The second half of a wide character has no characters and width 0. */
export interface Cell {
  readonly chars: string
  readonly width: number
  readonly fg: Colour
  readonly bg: Colour
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly inverse: boolean
}

/** A terminal's screen. Rows and columns count from 0. */
export interface Emulator {
  /** Draws `data`; `done` is called when the screen shows it. */
  feed(data: Buffer, done: () => void): void
  /** The program is between "begin" and "end of synchronised update": no person sees this state. */
  isMidFrame(): boolean
  size(): { readonly columns: number; readonly rows: number }
  resize(columns: number, rows: number): void
  lines(): readonly string[]
  cell(row: number, column: number): Cell
  bufferType(): 'normal' | 'alternate'
  /** Whether the program asked for reports of the mouse. */
  hasMouse(): boolean
  cursor(): { readonly row: number; readonly column: number; readonly visible: boolean }
}

function toColour(isDefault: boolean, isRgb: boolean, value: number): Colour {
  if (isDefault) return 'default'
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : value
}

/** Cursor visibility is not in xterm's interface; its parser lets us listen. */
function watchCursor(terminal: xterm.Terminal): () => boolean {
  let visible = true
  for (const final of ['h', 'l']) {
    terminal.parser.registerCsiHandler({ prefix: '?', final }, parameters => {
      if (parameters.includes(25)) visible = final === 'h'
      return false
    })
  }
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    visible = true
    return false
  })
  return () => visible
}

/** An empty screen. `reply` gets what a terminal answers by itself (who are you, where is the cursor). */
export function createEmulator(columns: number, rows: number, reply: (text: string) => void): Emulator {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
  // Without it emoji and other wide text have the widths of 2010, and the right borders stand elsewhere.
  terminal.loadAddon(new graphemes.UnicodeGraphemesAddon())
  terminal.onData(reply)
  const cursorVisible = watchCursor(terminal)
  const line = (row: number) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)

  return {
    feed: (data, done) => terminal.write(data, done),
    isMidFrame: () => terminal.modes.synchronizedOutputMode,
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    lines: () =>
      Array.from({ length: terminal.rows }, (_, row) => (line(row)?.translateToString(true) ?? '').trimEnd()),
    bufferType: () => terminal.buffer.active.type,
    hasMouse: () => terminal.modes.mouseTrackingMode !== 'none',
    cursor: () => {
      const { cursorY, cursorX } = terminal.buffer.active
      return { row: cursorY, column: cursorX, visible: cursorVisible() }
    },
    cell(row, column) {
      const cell = line(row)?.getCell(column)
      if (!cell) throw new RangeError(`no cell ${row},${column} on a screen of ${terminal.cols}x${terminal.rows}`)
      return {
        chars: cell.getChars(),
        width: cell.getWidth(),
        fg: toColour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
        bg: toColour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
        italic: cell.isItalic() !== 0,
        underline: cell.isUnderline() !== 0,
        inverse: cell.isInverse() !== 0,
      }
    },
  }
}
