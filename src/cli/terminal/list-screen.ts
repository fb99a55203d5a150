// A list on the alternate screen, without Ink: drawn when something changed, at most four times a second, and left as it was found.
import { repeatEvery, yieldToEventLoop } from '../../sampling/clock.ts'
import { limitSize } from '../../ui/layout.ts'
import { handleStopSignals } from '../exit.ts'

const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l'
const LEAVE_SCREEN = '\x1b[?25h\x1b[?1049l'
const CLEAR = '\x1b[2J'
const REDRAW_INTERVAL = 250 // ms
// pasted text and quick typing arrive together
const KEY = /\x1b(?:[[O][\d;]{0,9}[A-Za-z~])?|[^\x1b]/gu

/** What a list screen shows, and what it does with keys. */
export interface ListScreenContent {
  draw(size: { readonly width: number; readonly height: number }): readonly string[]
  /** one key as the terminal sends it: a character or an escape sequence */
  onKey(key: string): void
  /** a signal asks to end */
  onStop(): void
}

/** The open screen. */
export interface ListScreen {
  /** draws soon */
  requestDraw(): void
  /** Leaves the terminal to the next screen; resolves when that may read keys. */
  close(): Promise<void>
}

const getSize = ({ columns, rows }: NodeJS.WriteStream): { readonly width: number; readonly height: number } => {
  const size = limitSize({ columns, rows })
  return { width: size.columns, height: size.rows }
}

/** Opens the screen and draws it. */
export function openListScreen({ draw, onKey, onStop }: ListScreenContent): ListScreen {
  const { stdin, stdout } = process
  let isChanged = true
  const drawNow = (): void => {
    if (!isChanged) return
    isChanged = false
    stdout.write(`\x1b[H${draw(getSize(stdout)).join('\r\n')}`)
  }
  const requestDraw = (): void => {
    isChanged = true
  }
  const onResize = (): void => {
    stdout.write(CLEAR)
    requestDraw()
  }
  const onData = (bytes: Buffer): void => {
    requestDraw()
    for (const [key] of bytes.toString().matchAll(KEY)) onKey(key)
    drawNow()
  }
  const removeSignalHandlers = handleStopSignals(onStop)
  const stopDrawing = repeatEvery(REDRAW_INTERVAL, drawNow)
  stdout.on('resize', onResize).write(ENTER_SCREEN)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('data', onData).resume()
  drawNow()
  return {
    requestDraw,
    close: async () => {
      stopDrawing()
      removeSignalHandlers()
      stdin.off('data', onData).pause()
      if (stdin.isTTY) stdin.setRawMode(false)
      stdout.off('resize', onResize).write(LEAVE_SCREEN)
      await yieldToEventLoop() // Node stops reading a turn after the pause: who reads before that gets no more keys
    },
  }
}
