// The list of nodes on the terminal: arrows select, Enter opens, q quits.
import { repeatEvery } from '../../sampling/clock.ts'
import { describeUnreached, drawNodeList, rankNodes } from '../../ui/nodes/node-list.ts'
import type { Pen } from '../../widgets/pen.ts'
import { openListScreen } from '../terminal/list-screen.ts'
import type { WatchedNode } from './watched-nodes.ts'

const COUNTDOWN_INTERVAL = 1000 // ms: the time to the next attempt is counted down

/** Shows the list until a node is opened or the user quits (undefined). `subscribe` is given the listener for changes. */
export async function chooseNode(
  nodes: readonly WatchedNode[],
  pen: Pen,
  subscribe: (listener: () => void) => void,
): Promise<WatchedNode | undefined> {
  const list = new NodeChooser(nodes, pen)
  const screen = openListScreen({
    draw: size => list.draw(size),
    onKey: key => list.handleKey(key),
    onStop: () => list.chosen.resolve(undefined),
  })
  subscribe(screen.requestDraw)
  const stopCountdown = repeatEvery(COUNTDOWN_INTERVAL, screen.requestDraw)
  try {
    return await list.chosen.promise
  } finally {
    stopCountdown()
    subscribe(() => {})
    await screen.close()
  }
}

class NodeChooser {
  readonly chosen = Promise.withResolvers<WatchedNode | undefined>()
  private readonly nodes: readonly WatchedNode[]
  private readonly pen: Pen
  private selected: WatchedNode | undefined
  /** a node that was to be opened before it had answered */
  private unreached: WatchedNode | undefined

  constructor(nodes: readonly WatchedNode[], pen: Pen) {
    this.nodes = nodes
    this.pen = pen
  }

  draw(size: { readonly width: number; readonly height: number }): readonly string[] {
    if (this.unreached?.store) this.unreached = undefined
    const ranked = this.listRanked()
    const notice = this.unreached && describeUnreached(this.unreached.listed)
    const index = ranked.findIndex(({ node }) => node === this.selected)
    return drawNodeList(ranked, Math.max(0, index), this.pen, { ...size, notice })
  }

  handleKey(key: string): void {
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
