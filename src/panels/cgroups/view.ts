// What the Cgroups panel tells: the cgroups as a list or as a tree, filtered and in order. Pure.
import { filterMap } from '../../base/found.ts'
import { isNodeRoot, estimateTimeToLimit } from '../../collectors/cgroups/census.ts'
import { type Cgroup, MAX_MEMCG_IDS } from '../../collectors/cgroups/cgroup.ts'
import { computeMemcgIds } from '../../collectors/cgroups/ids.ts'
import { formatCgroupName } from '../../collectors/names.ts'
import type { History } from '../../history.ts'
import type { PanelState } from '../../session/state.ts'
import { filtered, type SortValue, soonest, sorted, WINDOW } from '../panel.ts'
import { perHour } from '../rates.ts'

/** What cgroups can be sorted by. */
export const CGROUP_COLUMNS = [
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
export type CgroupColumn = (typeof CGROUP_COLUMNS)[number]

/** A line of the list. In the tree `depth` counts from 0, and `folded` has the number of cgroups that are hidden below it. */
export interface CgroupRow {
  readonly key: string
  readonly cgroup: Cgroup
  readonly depth: number
  readonly folded: number
}

/** Share of its limit that a cgroup uses; undefined without a limit. */
export function shareOfLimit({ current, limit }: Cgroup): number | undefined {
  return current === null || limit === null || !Number.isFinite(limit) || limit === 0 ? undefined : current / limit
}

/** Growth per hour over the last 15 minutes. */
export const growthOf = (cgroup: Cgroup, history: History): number | undefined =>
  perHour(cgroup.series, history.time - WINDOW, history.time)

/** Kernel memory of a cgroup: v1 kmem, v2 `kernel`; before 5.18 the parts of it that memory.stat has. */
export function kernelOf({ kernel, slab, kernelStack, pagetables, percpu }: Cgroup): number | null {
  if (kernel !== null || slab === null) return kernel
  return slab + (kernelStack ?? 0) + (pagetables ?? 0) + (percpu ?? 0)
}

function sortValue(cgroup: Cgroup, by: CgroupColumn, history: History): SortValue {
  switch (by) {
    case 'memory':
      return cgroup.current
    case 'of limit':
      return shareOfLimit(cgroup)
    case 'kernel':
      return kernelOf(cgroup)
    case 'growth':
      return growthOf(cgroup, history)
    case 'left': // the first to be full stands first
      return soonest(estimateTimeToLimit(history.cgroups, cgroup.path, history.time))
    case 'oom':
      return cgroup.oomKill
    case 'psi':
      return cgroup.pressure?.some.avg10
    case 'name':
      return cgroup.path
    default:
      return cgroup[by]
  }
}

let memo: { readonly history: History; readonly ui: PanelState; readonly rows: readonly CgroupRow[] } | undefined
const NO_UI: PanelState = {}

/**
 * Cgroups as they are shown; the node is left out. Remembers its last answer: the selection, the footer and
 * the panel itself ask for the same.
 */
export function cgroupRows(history: History, ui: PanelState = NO_UI): readonly CgroupRow[] {
  if (memo?.history === history && memo.ui === ui) return memo.rows
  const rows = ui.tree ? treeRows(history, ui) : flatRows(history, ui)
  memo = { history, ui, rows }
  return rows
}

const inOrder = (cgroups: readonly Cgroup[], history: History, ui: PanelState): readonly Cgroup[] =>
  sorted(cgroups, cgroup => sortValue(cgroup, (ui.column ?? 'memory') as CgroupColumn, history), ui.reverse)

function matching(history: History, { filter }: PanelState): readonly Cgroup[] {
  const { cgroups } = history
  const all = filterMap(cgroups.cgroups.values(), one => (isNodeRoot(cgroups, one.path) ? undefined : one))
  if (!filter) searched = undefined
  return filtered(all, filter, ({ path }) => searchText(history, path))
}

/** What a filter looks in, by path: names of ten thousand take 30 ms, and are the same at the next look. */
let searched: { readonly names: History['names']; readonly texts: Map<string, string> } | undefined

function searchText(history: History, path: string): string {
  const { names, cgroups } = history
  if (searched?.names !== names || searched.texts.size > 2 * cgroups.directories) searched = { names, texts: new Map() }
  const known = searched.texts.get(path)
  if (known !== undefined) return known
  const text = `${path} ${formatCgroupName(history, path)}`
  searched.texts.set(path, text)
  return text
}

const flatRows = (history: History, ui: PanelState): readonly CgroupRow[] =>
  inOrder(matching(history, ui), history, ui).map(cgroup => ({ key: cgroup.path, cgroup, depth: 0, folded: 0 }))

// What matches stands below all that it is in. A folded cgroup hides what is below it.
function treeRows(history: History, ui: PanelState): readonly CgroupRow[] {
  const children = new Map<string | undefined, Cgroup[]>()
  const placed = new Set<string>()
  const place = (cgroup: Cgroup): void => {
    if (placed.has(cgroup.path)) return
    placed.add(cgroup.path)
    const { parent } = cgroup
    const siblings = children.get(parent)
    if (siblings) siblings.push(cgroup)
    else children.set(parent, [cgroup])
    const above = parent === undefined ? undefined : history.cgroups.cgroups.get(parent)
    if (above && !isNodeRoot(history.cgroups, above.path)) place(above)
  }
  matching(history, ui).forEach(place)
  const rows: CgroupRow[] = []
  const below = (path: string): number =>
    (children.get(path) ?? []).reduce((sum, child) => sum + 1 + below(child.path), 0)
  const walk = (path: string | undefined, depth: number): void => {
    for (const cgroup of inOrder(children.get(path) ?? [], history, ui)) {
      const isFolded = ui.folded?.includes(cgroup.path) ?? false
      rows.push({ key: cgroup.path, cgroup, depth, folded: isFolded ? below(cgroup.path) : 0 })
      if (!isFolded) walk(cgroup.path, depth + 1)
    }
  }
  walk(children.has(undefined) ? undefined : '/', 0)
  return rows
}

/** Share of the memcg IDs that are taken; undefined where the kernel does not tell. */
export function shareOfIds(history: History): number | undefined {
  const ids = computeMemcgIds(history)
  return ids && ids.used / MAX_MEMCG_IDS
}
