// The list of nodes on the terminal: drawn when something changed, at most four times a second.
import { repeatEvery } from '../sampling/clock.ts'
import { drawNodeList, rankNodes } from '../ui/node-list.ts'
import type { Pen } from '../widgets/pen.ts'
import { handleStopSignals } from './exit.ts'
import type { WatchedNode } from './watched-nodes.ts'

const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l'
const LEAVE_SCREEN = '\x1b[?25h\x1b[?1049l'
const REDRAW_INTERVAL = 250

/** Shows the list until a node is opened or the user quits (undefined). `subscribe` is given the listener for changes. */
export async function chooseNode(
  nodes: readonly WatchedNode[],
  pen: Pen,
  subscribe: (listener: () => void) => void,
): Promise<WatchedNode | undefined> {
  const chosen = Promise.withResolvers<WatchedNode | undefined>()
  const { stdin, stdout } = process
  let selectedCommand: string | undefined
  let isChanged = true
  const listRanked = (): readonly string[] => rankNodes(nodes.map(node => node.listed)).map(({ command }) => command)
  const draw = (): void => {
    if (!isChanged) return
    isChanged = false
    const ranked = rankNodes(nodes.map(node => node.listed))
    const selected = Math.max(
      0,
      ranked.findIndex(({ command }) => command === selectedCommand),
    )
    const size = { width: stdout.columns, height: stdout.rows }
    stdout.write(`\x1b[H${drawNodeList(ranked, selected, pen, size).join('\r\n')}`)
  }
  const move = (by: number): void => {
    const ranked = listRanked()
    const from = Math.max(0, ranked.indexOf(selectedCommand ?? ''))
    selectedCommand = ranked[Math.min(ranked.length - 1, Math.max(0, from + by))]
  }
  const handleKeys = (keys: string): void => {
    isChanged = true
    if (keys === 'q' || keys === '\x03') chosen.resolve(undefined)
    else if (keys === '\x1b[A' || keys === 'k') move(-1)
    else if (keys === '\x1b[B' || keys === 'j') move(1)
    else if (keys === '\r') {
      const command = selectedCommand ?? listRanked()[0]
      const node = nodes.find(other => other.command === command)
      if (node?.store) chosen.resolve(node)
    }
    draw()
  }
  const onData = (bytes: Buffer): void => handleKeys(bytes.toString())
  const requestDraw = (): void => {
    isChanged = true
  }
  subscribe(requestDraw)
  const removeSignalHandlers = handleStopSignals(() => chosen.resolve(undefined))
  const stopDrawing = repeatEvery(REDRAW_INTERVAL, draw)
  stdout.on('resize', requestDraw).write(ENTER_SCREEN)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('data', onData).resume()
  draw()
  try {
    return await chosen.promise
  } finally {
    stopDrawing()
    removeSignalHandlers()
    subscribe(() => {})
    stdin.off('data', onData).pause()
    if (stdin.isTTY) stdin.setRawMode(false)
    stdout.off('resize', requestDraw).write(LEAVE_SCREEN)
  }
}
