// Rows of the cgroups panel: the cgroups as a list or a tree, filtered and sorted. Pure.

import type { PanelState } from '../../app/state.ts'
import { filterMap } from '../../base/filter-map.ts'
import type { Cgroup } from '../../collectors/cgroups/cgroup.ts'
import { isNodeRoot } from '../../collectors/cgroups/tree-queries.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { History } from '../../history.ts'
import { computeSeriesGrowth } from '../baseline.ts'
import { computeHourlyRate, computeTimeToLimit } from '../hourly-rate.ts'
import { filterRows, GROWTH_WINDOW, type SortValue, sortRows, toSoonestFirst } from '../panel.ts'
import { countCgroupKills } from './kill-counts.ts'
import { computeLimitShare, rankTrouble } from './trouble-rank.ts'

/** Columns that cgroups can be sorted by. */
export const CGROUP_COLUMNS = [
  'trouble',
  'memory',
  'of limit',
  'kernel',
  'growth',
  'left',
  'oom',
  'dying',
  'anon',
  'file',
  'sock',
  'percpu',
  'swap',
  'psi',
  'failcnt',
  'limit',
  'name',
] as const
/** The id of a column of the cgroup list. */
export type CgroupColumn = (typeof CGROUP_COLUMNS)[number]

/** A line of the list. In the tree `depth` counts from 0, and `folded` is the number of hidden descendants. */
export interface CgroupRow {
  readonly key: string
  readonly cgroup: Cgroup
  readonly depth: number
  readonly folded: number
}

/** Returns the growth in bytes per hour over the last 15 minutes. */
export const computeHourlyGrowth = (cgroup: Cgroup, history: History): number | undefined =>
  computeHourlyRate(history, cgroup.series, history.time - GROWTH_WINDOW)

/** Returns the kernel memory of a cgroup: v1 kmem, v2 `kernel`; before 5.18 the sum of the parts in memory.stat. */
export function getKernelMemory({ kernel, slab, kernelStack, pagetables, percpu }: Cgroup): number | null {
  if (kernel !== null || slab === null) return kernel
  return slab + (kernelStack ?? 0) + (pagetables ?? 0) + (percpu ?? 0)
}

/** Returns what the growth column holds: bytes since the baseline, without one the rate per hour. */
export const computeShownGrowth = (cgroup: Cgroup, history: History, baseline?: number): number | undefined =>
  baseline === undefined ? computeHourlyGrowth(cgroup, history) : computeSeriesGrowth(history, cgroup.series, baseline)

function getSortValue(cgroup: Cgroup, by: CgroupColumn, { history, baseline }: RowSource): SortValue {
  switch (by) {
    case 'trouble':
    case 'memory':
      return cgroup.current
    case 'of limit':
      return computeLimitShare(cgroup)
    case 'kernel':
      return getKernelMemory(cgroup)
    case 'growth':
      return computeShownGrowth(cgroup, history, baseline)
    case 'left': // the cgroup that is full first comes first
      return toSoonestFirst(computeTimeToLimit(history, cgroup.path))
    case 'oom':
      return countCgroupKills(cgroup, history)
    case 'psi':
      return cgroup.pressure?.some.avg10
    case 'name':
      return cgroup.path
    default:
      return cgroup[by]
  }
}

/** What rows are made from; `baseline`: session time that growth is measured from. */
interface RowSource {
  readonly history: History
  readonly ui: PanelState
  readonly baseline: number | undefined
}

/** The rows of the list, and how many cgroups without memory it hides. */
export interface ListedCgroups {
  readonly rows: readonly CgroupRow[]
  readonly hidden: number
}

let cachedList: (RowSource & { readonly list: ListedCgroups }) | undefined
const NO_UI: PanelState = {}

/**
 * Returns the cgroups in the order of the screen, without the root of the node. The last answer is cached: the selection,
 * the footer and the panel ask for the same rows.
 */
export function listCgroups(history: History, ui: PanelState = NO_UI, baseline?: number): ListedCgroups {
  if (cachedList?.history === history && cachedList.ui === ui && cachedList.baseline === baseline)
    return cachedList.list
  const source = { history, ui, baseline }
  const list = ui.tree ? { rows: buildTreeRows(source), hidden: 0 } : buildFlatList(source)
  cachedList = { ...source, list }
  return list
}

// By default cgroups in trouble come first, then those that use most memory.
function sortCgroups(cgroups: readonly Cgroup[], source: RowSource): readonly Cgroup[] {
  const { ui } = source
  const column = (ui.column ?? 'trouble') as CgroupColumn
  const sorted = sortRows(cgroups, cgroup => getSortValue(cgroup, column, source), ui.reverse)
  return column === 'trouble' ? sortRows(sorted, cgroup => rankTrouble(cgroup, source.history), ui.reverse) : sorted
}

function filterCgroups(history: History, { filter }: PanelState): readonly Cgroup[] {
  const { cgroups } = history
  const all = filterMap(cgroups.cgroups, one => (isNodeRoot(cgroups, one.path) ? undefined : one))
  if (!filter) searchTexts = undefined
  return filterRows(all, filter, cgroup => ({
    text: getSearchText(history, cgroup.path),
    values: {
      memory: cgroup.current,
      get limit() {
        return computeLimitShare(cgroup)
      },
      get kernel() {
        return getKernelMemory(cgroup)
      },
      get oom() {
        return countCgroupKills(cgroup, history)
      },
      dying: cgroup.dying,
      anon: cgroup.anon,
      file: cgroup.file,
      swap: cgroup.swap,
      failcnt: cgroup.failcnt,
      // there may be ten thousand: only a filter that asks for the growth pays for it
      get growth() {
        return computeHourlyGrowth(cgroup, history)
      },
    },
  }))
}

/** Text that a filter searches, by path; cached, because building it for ten thousand cgroups takes 30 ms. */
let searchTexts: { readonly names: History['names']; readonly texts: Map<string, string> } | undefined

function getSearchText(history: History, path: string): string {
  const { names, cgroups } = history
  if (searchTexts?.names !== names || searchTexts.texts.size > 2 * cgroups.directories)
    searchTexts = { names, texts: new Map() }
  const known = searchTexts.texts.get(path)
  if (known !== undefined) return known
  const text = `${path} ${formatCgroupName(history, path)}`
  searchTexts.texts.set(path, text)
  return text
}

// Cgroups without memory are hidden until `e` shows them: there may be hundreds, and those need no place in the order.
function buildFlatList(source: RowSource): ListedCgroups {
  const all = filterCgroups(source.history, source.ui)
  const filled = (source.ui.hideEmpty ?? true) ? all.filter(one => isFilled(one, source.history)) : all
  const listed = filled.length > 0 ? filled : all
  const rows = sortCgroups(listed, source).map(cgroup => ({ key: cgroup.path, cgroup, depth: 0, folded: 0 }))
  return { rows, hidden: all.length - listed.length }
}

const isFilled = (cgroup: Cgroup, history: History): boolean =>
  (cgroup.current ?? 0) > 0 || (countCgroupKills(cgroup, history) ?? 0) > 0

// A match is shown below all its ancestors. A folded cgroup hides its descendants.
function buildTreeRows(source: RowSource): readonly CgroupRow[] {
  const { history, ui } = source
  const children = new Map<string | undefined, Cgroup[]>()
  const addedPaths = new Set<string>()
  const addWithParents = (cgroup: Cgroup): void => {
    if (addedPaths.has(cgroup.path)) return
    addedPaths.add(cgroup.path)
    const { parent } = cgroup
    const siblings = children.get(parent)
    if (siblings) siblings.push(cgroup)
    else children.set(parent, [cgroup])
    const parentCgroup = parent === undefined ? undefined : history.cgroups.cgroups.get(parent)
    if (parentCgroup && !isNodeRoot(history.cgroups, parentCgroup.path)) addWithParents(parentCgroup)
  }
  filterCgroups(history, ui).forEach(addWithParents)
  const rows: CgroupRow[] = []
  const countDescendants = (path: string): number =>
    (children.get(path) ?? []).reduce((sum, child) => sum + 1 + countDescendants(child.path), 0)
  const walk = (path: string | undefined, depth: number): void => {
    for (const cgroup of sortCgroups(children.get(path) ?? [], source)) {
      const isFolded = ui.folded?.includes(cgroup.path) ?? false
      rows.push({ key: cgroup.path, cgroup, depth, folded: isFolded ? countDescendants(cgroup.path) : 0 })
      if (!isFolded) walk(cgroup.path, depth + 1)
    }
  }
  walk(children.has(undefined) ? undefined : '/', 0)
  return rows
}
