// The page of the selected row below a list that leaves room for it.
import { describe, expect, test } from 'vitest'
import { type AppState, updateState } from '../../../src/app/state.ts'
import { SnapshotMap } from '../../../src/base/snapshot-map.ts'
import { getPanel, panelIds } from '../../../src/panels/index.ts'
import { toAction } from '../../../src/ui/keys/keys.ts'
import { findMouseEffects } from '../../../src/ui/keys/mouse-target.ts'
import { renderFrameText } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'

const pen = createPen({ level: 0, ascii: false })
const view = { pen, columns: 120, rows: 40 } as const

const show = (scenario: string, seconds: number, panel: string): AppState =>
  updateState(openScenario(scenario, seconds), { type: 'view', panel })
const draw = (state: AppState): readonly string[] => renderFrameText(state, pen, view.columns, view.rows)
const listTitles = (state: AppState): readonly string[] =>
  draw(state).flatMap(line => /^╭─.(.+?) ─/.exec(line)?.[1] ?? [])

describe('below a list', () => {
  test('is the page of the selected cgroup, with its limit', () => {
    const list = show('v2-pod-limit-oom', 14, 'cgroups')
    const key = getPanel('cgroups').listKeys!(list).find(path =>
      path.endsWith('3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13.slice'),
    )!
    const state = updateState(list, { type: 'select', key })
    expect(listTitles(state)).toEqual(['Cgroups', expect.stringContaining('pod 3f0c9a51')])
    expect(draw(state).join('\n')).toMatch(/█ memory \S+ [KMG]iB/)
  })

  test('is the page of the first alert, which a click opens', () => {
    const state = show('v2-pod-limit-oom', 14, 'alerts')
    expect(listTitles(state)).toEqual(['Alerts', expect.stringMatching(/^OOM KILL · critical/)])
    expect(draw(state).join('\n')).toMatch(/What to do/)
    const row = draw(state).findIndex(line => line.includes('Evidence'))
    expect(findMouseEffects({ kind: 'click', column: 40, row }, state, view)).toEqual([{ type: 'open' }])
  })

  test('are the charts of a view whose alert is about none of its rows, until one is selected', () => {
    const state = updateState(show('v1-slab-growth', 60, 'slab'), { type: 'filter', text: 'kmalloc-8k' })
    expect(listTitles(state)).toEqual(['Slab'])
    expect(draw(state).join('\n')).toMatch(/█ SUnreclaim/)
    const key = getPanel('slab').listKeys!(state)[0]!
    expect(listTitles(updateState(state, { type: 'select', key }))).toEqual(['Slab', 'kmalloc-8k'])
  })

  test('is the page of the row that the most severe alert is about, which Enter opens', () => {
    const state = show('v2-pod-limit-oom', 14, 'cgroups')
    expect(listTitles(state)).toEqual(['Cgroups', expect.stringMatching(/^pod 3f0c9a51/)])
    const key = getPanel('cgroups').listKeys!(state).find(path => path.includes('pod3f0c9a51'))!
    expect(toAction({ type: 'open' }, state, 120, 40)).toEqual({ type: 'detail', key })
    const sorted = updateState(show('v1-slab-growth', 60, 'slab'), {
      type: 'sort-by',
      column: 'name',
      current: 'growth',
    })
    const lit = updateState(sorted, { type: 'filter', text: 'inode_cache' })
    expect(listTitles(lit)).toEqual(['Slab', 'shmem_inode_cache'])
  })
})

test('a column of alerts without any value gives its place to the text', () => {
  expect(draw(show('v2-pod-limit-oom', 14, 'alerts')).join('\n')).not.toMatch(/CRITICAL|LASTED/)
  expect(draw(show('v1-incident-310', 129_600, 'alerts')).join('\n')).toMatch(/CRITICAL +LASTED/)
})

test('the kmem leak lights the caches that it is in', () => {
  const lines = draw(show('v1-incident-310', 129_600, 'slab'))
  const lit = lines.flatMap(line => /^│✖(\S.*?) +[UR] /.exec(line)?.[1] ?? [])
  expect(lit.toSorted()).toEqual(['(large kmalloc)', 'kmalloc-1024', 'kmalloc-64', 'task_struct'])
})

/** Returns a copy of a map, and how often all of it was walked. */
function countWalks<V>(map: SnapshotMap<string, V>) {
  const copy = new SnapshotMap<string, V>().applyChanges(new Map(map))
  const [values, entries] = [copy.values.bind(copy), copy[Symbol.iterator].bind(copy)]
  const counted = { copy, walks: 0 }
  const count = <T>(walk: () => T): T => {
    counted.walks++
    return walk()
  }
  copy.values = () => count(values)
  copy[Symbol.iterator] = () => count(entries)
  return counted
}

test.each(panelIds)('a frame of %s with its page walks the cgroups a few times: there may be ten thousand', panel => {
  for (const [columns, rows] of [
    [120, 40],
    [200, 60],
  ] as const) {
    const state = show('v2-pod-limit-oom', 14, panel)
    const counted = countWalks(state.history.cgroups.cgroups)
    const history = { ...state.history, cgroups: { ...state.history.cgroups, cgroups: counted.copy } }
    renderFrameText({ ...state, history }, pen, columns, rows)
    expect(counted.walks).toBeLessThanOrEqual(4)
  }
})
