// Runs `kmemtop --via A --via B`: a list of nodes, worst first; Enter opens the live screen of one.
import { repeatEvery } from '../../sampling/clock.ts'
import { drawNodeList, rankNodes } from '../../ui/nodes/node-list.ts'
import type { Pen } from '../../widgets/pen.ts'
import type { LiveOptions } from '../commands/live.ts'
import type { Config } from '../config.ts'
import { EXIT, exitWhenOutputCloses, handleStopSignals } from '../exit.ts'
import { loadConfig, startSharedThreads, toRetentionPolicy } from '../live/start-sampling.ts'
import { shrinkHeap } from '../shrink-heap.ts'
import { buildPen } from '../terminal/pen.ts'
import { chooseNode } from './node-list-screen.ts'
import { WatchedNode } from './watched-nodes.ts'

const TEXT_WIDTH = 160

/** Watches the nodes until the user quits, or prints the list `iterations` times. @throws UserError */
export async function runNodes(options: LiveOptions, commands: readonly string[], isText: boolean): Promise<number> {
  const { config } = loadConfig(options.config, options.set)
  shrinkHeap()
  const threads = startSharedThreads()
  const nodes = commands.map(command => new WatchedNode(command, threads))
  // each sampling thread listens to both
  for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(nodes.length + 20)
  let notify = (): void => {}
  const running = nodes.map(node => node.run(options, config, () => notify()))
  const pen = buildPen(options, config)
  try {
    if (isText) await printLists(nodes, pen, options)
    else
      for (;;) {
        const node = await chooseNode(nodes, pen, listener => {
          notify = listener
        })
        if (!node) break
        await openNodeScreen(node, pen, options, config)
      }
  } finally {
    await Promise.all(nodes.map(node => node.stop()))
    await Promise.all(running)
    await threads.end()
  }
  return EXIT.ok
}

async function printLists(nodes: readonly WatchedNode[], pen: Pen, options: LiveOptions): Promise<void> {
  exitWhenOutputCloses()
  const ended = Promise.withResolvers<void>()
  handleStopSignals(ended.resolve)
  let remaining = options.iterations ?? Number.POSITIVE_INFINITY
  const stop = repeatEvery(Math.max(1000, options.interval ?? 1000), () => {
    const listed = nodes.map(node => node.listed)
    if (listed.every(({ state, problem }) => !state && problem === undefined)) return // none has answered yet
    const size = { width: TEXT_WIDTH, height: nodes.length + 3 }
    const lines = drawNodeList(rankNodes(listed), -1, pen, size).slice(0, -1)
    process.stdout.write(`${lines.map(line => line.trimEnd()).join('\n')}\n\n`)
    remaining--
    if (remaining <= 0) ended.resolve()
  })
  await ended.promise
  stop()
}

async function openNodeScreen(
  { source, store }: WatchedNode,
  pen: Pen,
  options: LiveOptions,
  config: Config,
): Promise<void> {
  if (!source || !store) return
  const [{ showScreen }, { createLiveControls }] = await Promise.all([
    import('../terminal/screen.tsx'),
    import('../live/live-controls.ts'),
  ])
  const target = { target: config.recordings ?? '.', retention: toRetentionPolicy(options) }
  const controls = createLiveControls(source, store, target)
  store.dispatch({ type: 'asked-to-quit', text: undefined }) // q goes back to the list, and nothing is lost
  const screen = showScreen({ store, pen, controls, mouse: options.mouse, keys: undefined })
  try {
    await screen.waitUntilExit()
  } finally {
    controls.end()
    await screen.end()
  }
}
