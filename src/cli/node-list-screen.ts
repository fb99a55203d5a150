// The list of nodes on the terminal: drawn when something changed, at most four times a second.
import { createSystemClock, repeatEvery } from '../sampling/clock.ts'
import { describeUnreached, drawNodeList, rankNodes } from '../ui/node-list.ts'
import type { Pen } from '../widgets/pen.ts'
import { handleStopSignals } from './exit.ts'
import type { WatchedNode } from './watched-nodes.ts'

const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l'
const LEAVE_SCREEN = '\x1b[?25h\x1b[?1049l'
const CLEAR = '\x1b[2J'
const REDRAW_INTERVAL = 250 // ms
const COUNTDOWN_INTERVAL = 1000 // ms: the time to the next attempt is counted down

/** Shows the list until a node is opened or the user quits (undefined). `subscribe` is given the listener for changes. */
export async function chooseNode(
  nodes: readonly WatchedNode[],
  pen: Pen,
  subscribe: (listener: () => void) => void,
): Promise<WatchedNode | undefined> {
  const { stdin, stdout } = process
  const list = new NodeChooser(nodes, pen)
  const onData = (bytes: Buffer): void => list.handleKeys(bytes.toString())
  const onResize = (): void => {
    stdout.write(CLEAR)
    list.requestDraw()
  }
  subscribe(() => list.requestDraw())
  const removeSignalHandlers = handleStopSignals(() => list.chosen.resolve(undefined))
  const stopDrawing = repeatEvery(REDRAW_INTERVAL, () => list.draw())
  stdout.on('resize', onResize).write(ENTER_SCREEN)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.on('data', onData).resume()
  list.draw()
  try {
    return await list.chosen.promise
  } finally {
    stopDrawing()
    removeSignalHandlers()
    subscribe(() => {})
    stdin.off('data', onData).pause()
    if (stdin.isTTY) stdin.setRawMode(false)
    stdout.off('resize', onResize).write(LEAVE_SCREEN)
  }
}

class NodeChooser {
  readonly chosen = Promise.withResolvers<WatchedNode | undefined>()
  private readonly nodes: readonly WatchedNode[]
  private readonly pen: Pen
  private readonly clock = createSystemClock()
  private selected: WatchedNode | undefined
  /** a node that was to be opened before it had answered */
  private unreached: WatchedNode | undefined
  private isChanged = true
  private drawnAt = 0

  constructor(nodes: readonly WatchedNode[], pen: Pen) {
    this.nodes = nodes
    this.pen = pen
  }

  requestDraw(): void {
    this.isChanged = true
  }

  draw(): void {
    const now = this.clock.now()
    if (!this.isChanged && now - this.drawnAt < COUNTDOWN_INTERVAL) return
    this.isChanged = false
    this.drawnAt = now
    if (this.unreached?.store) this.unreached = undefined
    const ranked = this.listRanked()
    const notice = this.unreached && describeUnreached(this.unreached.listed)
    const { columns: width, rows: height } = process.stdout
    const index = Math.max(
      0,
      ranked.findIndex(({ node }) => node === this.selected),
    )
    process.stdout.write(`\x1b[H${drawNodeList(ranked, index, this.pen, { width, height, notice }).join('\r\n')}`)
  }

  // Keys that were typed quickly come together.
  handleKeys(text: string): void {
    for (const [key] of text.matchAll(/\x1b\[.|[\s\S]/g)) this.handleKey(key)
    this.isChanged = true
    this.draw()
  }

  private handleKey(key: string): void {
    this.unreached = undefined
    if (key === 'q' || key === '\x03') this.chosen.resolve(undefined)
    else if (key === '\x1b[A' || key === 'k') this.move(-1)
    else if (key === '\x1b[B' || key === 'j') this.move(1)
    else if (key === '\r') this.openSelected()
  }

  private move(by: number): void {
    const ranked = this.listRanked().map(({ node }) => node)
    const from = Math.max(0, this.selected ? ranked.indexOf(this.selected) : 0)
    this.selected = ranked[Math.min(ranked.length - 1, Math.max(0, from + by))]
  }

  private openSelected(): void {
    const node = this.selected ?? this.listRanked()[0]?.node
    this.selected = node // it stays selected when the order changes
    if (node?.store) this.chosen.resolve(node)
    else this.unreached = node
  }

  private listRanked() {
    return rankNodes(this.nodes.map(node => ({ ...node.listed, node })))
  }
}
