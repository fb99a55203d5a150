// Every view and page of the screen in every state: what the golden frames of test/ui/golden-states are drawn from.
import { type AppState, updateState } from '../../src/app/state.ts'
import { collectorIds } from '../../src/collectors/index.ts'
import { appendReading } from '../../src/history.ts'
import { getPanel, panelIds } from '../../src/panels/index.ts'
import { emptyState } from '../playback/states.ts'
import { openScenario } from './recorded-pages.ts'

/** Views, pages (of the first row of a list) and the help. */
export const VIEWS = [
  'overview',
  ...panelIds,
  ...panelIds.filter(id => getPanel(id).getDetail !== undefined).map(id => `${id} page`),
  'help',
] as const

export const STATES = ['normal', 'alert', 'empty', 'not permitted', 'too small'] as const
export type StateName = (typeof STATES)[number]

const PATHS: Readonly<Record<string, string>> = {
  kmsg: '/dev/kmsg',
  pressure: '/proc/pressure/memory',
  cgroups: '/sys/fs/cgroup',
  hugepages: '/sys/kernel/mm/hugepages',
  swap: '/proc/swaps',
  zfs: '/proc/spl/kstat/zfs/arcstats',
  numa: '/sys/devices/system/node',
  slab: '/sys/kernel/slab/',
  names: '/var/log/containers/',
  kmem: '/sys/fs/cgroup/memory/memory.kmem.slabinfo',
}
const formatError = (collector: string): string =>
  `EACCES: permission denied, open '${PATHS[collector] ?? `/proc/${collector}`}'`

const createForbiddenState = (): AppState => ({
  ...emptyState,
  history: collectorIds.reduce(
    (history, collector) => appendReading(history, { time: 1000, collector, files: {}, error: formatError(collector) }),
    emptyState.history,
  ),
})

/** Returns the program without a page open, in a state. The states are created once: a recording takes a second. */
export function createStateTable(): ReadonlyMap<StateName, AppState> {
  const normal = openScenario('v2-quiet', 60)
  return new Map<StateName, AppState>([
    ['normal', normal],
    ['alert', openScenario('v2-pod-limit-oom', 60)],
    ['empty', emptyState],
    ['not permitted', createForbiddenState()],
    ['too small', normal],
  ])
}

/** Opens a view of the table, or its page; undefined where the list has no row that could be opened. */
export function openView(state: AppState, view: string): AppState | undefined {
  if (view === 'overview') return state
  if (view === 'help') return updateState(state, { type: 'help' })
  const [panel = '', page] = view.split(' ')
  const list = updateState(state, { type: 'view', panel })
  if (page === undefined) return list
  const key = getPanel(panel)
    .listKeys?.(list)
    .find(row => getPanel(panel).getDetail?.(list, row) !== undefined)
  return key === undefined ? undefined : updateState(list, { type: 'detail', key })
}

/** Sizes of the frames of a state: the busy one on small and large screens too. */
export function listSizes(state: StateName): readonly (readonly [columns: number, rows: number])[] {
  if (state === 'too small') return [[39, 9]]
  if (state === 'alert')
    return [
      [80, 24],
      [120, 40],
      [200, 60],
    ]
  return [[120, 40]]
}
