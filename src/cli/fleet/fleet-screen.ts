// The screen of the fleet: refreshes, keys, the page of a node, and the live screen of a node in its place.
import packageJson from '../../../package.json' with { type: 'json' }
import { getErrorMessage } from '../../base/errors.ts'
import { formatTimeOfDay } from '../../base/format.ts'
import type { FleetNode } from '../../fleet/fleet.ts'
import { findPatterns } from '../../fleet/patterns.ts'
import { createSystemClock, repeatEvery } from '../../sampling/clock.ts'
import { FLEET_GROUPINGS, type FleetGrouping } from '../../ui/nodes/fleet-groups.ts'
import { drawFleet, FLEET_SORTS, type FleetView, listShownNodes } from '../../ui/nodes/fleet-list.ts'
import { drawFleetNode, type NodeView } from '../../ui/nodes/fleet-node.ts'
import type { Pen } from '../../widgets/pen.ts'
import { parseCommandLine } from '../command-line.ts'
import type { FleetOptions } from '../commands/fleet.ts'
import { EXIT } from '../exit.ts'
import { type ListScreen, openListScreen } from '../terminal/list-screen.ts'
import type { PrometheusClient } from './prometheus-client.ts'
import { readFleet, readNodeHistory } from './read-fleet.ts'

const NO_RULES = 'slow: Prometheus has no recording rules of kmemtop (deploy/prometheus)'

const describeNote = (hasRules: boolean, problems: readonly string[]): string =>
  [...problems.map(problem => `incomplete: ${problem}`), ...(hasRules ? [] : [NO_RULES])].join('  ')

/** Shows the fleet until the user quits. @throws UserError if the first refresh fails */
export async function runFleetScreen(
  clients: readonly PrometheusClient[],
  options: FleetOptions,
  pen: Pen,
): Promise<number> {
  const screen = new FleetScreen(clients, options, pen)
  await screen.refresh()
  if (screen.view.problem !== undefined) throw screen.failure
  for (;;) {
    const command = await screen.run()
    if (command === undefined) return EXIT.ok
    screen.reportLive(await openLive(command))
  }
}

/** Shows the live screen of a node in the place of this one; returns why it could not. */
async function openLive(viaCommand: string): Promise<string | undefined> {
  try {
    const line = parseCommandLine(['--via', viaCommand], packageJson.version)
    await line?.command.run(line.files, line.options)
    return undefined
  } catch (error) {
    return getErrorMessage(error)
  }
}

/** What is seen, and what keys do with it. */
class FleetScreen {
  view: FleetView = {
    fleet: { nodes: [], growingBefore: undefined },
    patterns: [],
    problem: undefined,
    refreshedAt: '',
    filter: '',
    isTyping: false,
    sort: 'worst',
    grouping: 'none',
    label: undefined,
    selected: undefined,
    note: '',
  }
  failure: unknown
  private page: NodeView | undefined
  private screen: ListScreen | undefined
  private isRefreshing = false
  private finish: (command: string | undefined) => void = () => {}
  private readonly clients: readonly PrometheusClient[]
  private readonly options: FleetOptions
  private readonly pen: Pen
  private readonly clock = createSystemClock()

  constructor(clients: readonly PrometheusClient[], options: FleetOptions, pen: Pen) {
    this.clients = clients
    this.options = options
    this.pen = pen
    this.view = { ...this.view, label: options.groupBy }
  }

  /** Shows the screen; returns the command of the node to open live, or undefined to quit. */
  async run(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    this.finish = resolve
    this.screen = openListScreen({
      draw: size => (this.page ? drawFleetNode(this.page, this.pen, size) : drawFleet(this.view, this.pen, size)),
      onKey: key => this.handleKey(key),
      onStop: () => resolve(undefined),
    })
    const stopRefreshing = repeatEvery(this.options.refresh, () => void this.refresh())
    try {
      return await promise
    } finally {
      stopRefreshing()
      await this.screen.close()
    }
  }

  /** Shows on the page of the node why it could not be opened. */
  reportLive(problem: string | undefined): void {
    if (this.page && problem !== undefined) this.page = { ...this.page, history: undefined, problem }
  }

  async refresh(): Promise<void> {
    if (this.isRefreshing) return
    this.isRefreshing = true
    try {
      const { fleet, hasRules, problems } = await readFleet(this.clients, this.options)
      const refreshedAt = formatTimeOfDay(this.clock.readWallClock())
      const patterns = findPatterns(fleet, this.options.groupBy)
      this.change({ fleet, patterns, refreshedAt, problem: undefined, note: describeNote(hasRules, problems) })
    } catch (error) {
      this.failure = error
      this.change({ problem: getErrorMessage(error) })
    } finally {
      this.isRefreshing = false
    }
  }

  private change(change: Partial<FleetView>): void {
    this.view = { ...this.view, ...change }
    this.screen?.requestDraw()
  }

  private handleKey(key: string): void {
    if (key === '\x03') this.finish(undefined)
    else if (this.view.isTyping) this.typeFilter(key)
    else if (this.page) this.handlePageKey(key, this.page)
    else this.handleListKey(key)
  }

  private typeFilter(key: string): void {
    const { filter } = this.view
    if (key === '\r') this.change({ isTyping: false })
    else if (key === '\x1b') this.change({ isTyping: false, filter: '' })
    else if (key === '\x7f' || key === '\b') this.change({ filter: filter.slice(0, -1) })
    else if (!key.startsWith('\x1b')) this.change({ filter: (filter + key.replace(/[\x00-\x1f]/g, '')).slice(0, 200) })
  }

  private handleListKey(key: string): void {
    const { sort, filter } = this.view
    const moves: Readonly<Record<string, number>> = {
      '\x1b[A': -1,
      k: -1,
      '\x1b[B': 1,
      j: 1,
      '\x1b[5~': -10,
      '\x1b[6~': 10,
    }
    if (key === 'q') this.finish(undefined)
    else if (moves[key] !== undefined) this.move(moves[key])
    else if (key === '/') this.change({ isTyping: true })
    else if (key === '\x1b' && filter !== '') this.change({ filter: '' })
    else if (key === 's') this.change({ sort: FLEET_SORTS[(FLEET_SORTS.indexOf(sort) + 1) % FLEET_SORTS.length]! })
    else if (key === 'g') this.change({ grouping: this.findNextGrouping() })
    else if (key === 'r') void this.refresh()
    else if (key === '\r') void this.openPage()
  }

  private findNextGrouping(): FleetGrouping {
    const known = FLEET_GROUPINGS.filter(grouping => grouping !== 'label' || this.options.groupBy !== undefined)
    return known[(known.indexOf(this.view.grouping) + 1) % known.length]!
  }

  private move(by: number): void {
    const names = listShownNodes(this.view).map(({ name }) => name)
    const from = Math.max(0, names.indexOf(this.view.selected ?? ''))
    this.change({ selected: names[Math.min(names.length - 1, Math.max(0, from + by))] })
  }

  private handlePageKey(key: string, { liveCommand }: NodeView): void {
    if (key === '\r' && liveCommand !== undefined) this.finish(liveCommand)
    else if (key === 'q' || key === '\x1b') this.page = undefined
  }

  private async openPage(): Promise<void> {
    const shown = listShownNodes(this.view)
    const node = shown.find(({ name }) => name === this.view.selected) ?? shown[0]
    if (!node) return
    const page = { node, history: undefined, problem: undefined, liveCommand: this.buildLiveCommand(node) }
    this.page = page
    const [history, problem] = await readNodeHistory(this.clients, node.name, this.clock.readWallClock())
      .then(result => [result, undefined] as const)
      .catch(error => [undefined, getErrorMessage(error)] as const)
    if (this.page === page) this.page = { ...page, history, problem }
    this.screen?.requestDraw()
  }

  private buildLiveCommand({ name }: FleetNode): string | undefined {
    const host = name.replace(/:\d+$/, '')
    const { viaTemplate } = this.options
    // a name from Prometheus becomes part of a shell command: only what names of hosts are made of
    return viaTemplate === undefined || !/^[\w][\w.:-]*$/.test(host)
      ? undefined
      : viaTemplate.replaceAll('{node}', host)
  }
}
