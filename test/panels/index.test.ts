// Every panel at every size: lines of exactly the width, never more than the height, no control character, no gap in what is said.
import { globSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { type AppState, type PanelId, updateState } from '../../src/app/state.ts'
import { detectorIds } from '../../src/detectors/index.ts'
import { findPanelOfDetector, getPanel, numberedPanels, panelIds, panels } from '../../src/panels/index.ts'
import { findCommand } from '../../src/ui/commands.ts'
import { toAction } from '../../src/ui/keys/keys.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen, type Pen } from '../../src/widgets/pen.ts'
import { applyActions, emptyState, fullState } from '../playback/states.ts'

const SIZES = [
  [38, 1],
  [38, 3],
  [38, 8],
  [45, 12],
  [60, 5],
  [78, 11],
  [80, 20],
  [100, 30],
  [118, 38],
  [158, 16],
  [200, 50],
  [248, 66],
] as const
const pens = [createPen({ level: 0, ascii: false }), createPen({ level: 3, ascii: true })]
const states: readonly (readonly [string, AppState])[] = [
  ['empty', emptyState],
  ['full', fullState],
]

const drawn = (
  id: PanelId,
  state: AppState,
  { width, height, whole, pen = pens[0]! }: { width: number; height: number; whole: boolean; pen?: Pen },
): readonly string[] => getPanel(id).draw(state, { pen, width, height, full: whole, focused: whole, span: 900_000 })

/** What is wrong with lines that should have this size. */
function wrong(lines: readonly string[], width: number, height: number): readonly string[] {
  const problems = lines.flatMap(line => {
    const text = stripVTControlCharacters(line)
    const cells = stringWidth(text)
    if (cells !== width) return [`${cells} cells: ${JSON.stringify(text)}`]
    return /[\x00-\x1f\x7f-\x9f\u202a-\u202e]/.test(text) ? [`control characters: ${JSON.stringify(text)}`] : []
  })
  return lines.length > height ? [...problems, `${lines.length} lines`] : problems
}

describe.each(panelIds.map(id => [id]))('the panel %s', id => {
  test.each(states)('fits at every size: %s', (_, state) => {
    for (const [width, height] of SIZES) {
      for (const whole of [true, false]) {
        for (const pen of pens)
          expect(
            wrong(drawn(id, state, { width, height, whole, pen }), width, height),
            `${width}x${height} ${whole}`,
          ).toEqual([])
      }
    }
  })

  test('fits with any row selected, and shows it', () => {
    const keys = getPanel(id).listKeys?.(fullState) ?? []
    for (const key of keys.filter((_, i) => i % 7 === 0 || i === keys.length - 1)) {
      const state = applyActions(fullState, { type: 'view', panel: id }, { type: 'select', key })
      const lines = drawn(id, state, {
        width: 120,
        height: 12,
        whole: true,
        pen: createPen({ level: 1, ascii: false }),
      })
      expect(wrong(lines, 120, 12)).toEqual([])
      expect(lines.filter(line => line.includes('\x1b[7m')).length, key).toBe(1)
    }
  })

  test('has one key per row, and a page for each', () => {
    const state = applyActions(fullState, { type: 'view', panel: id })
    const keys = getPanel(id).listKeys?.(state) ?? []
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
    if (getPanel(id).getDetail) for (const key of keys) expect(getPanel(id).getDetail!(state, key), key).toBeDefined()
    expect(getPanel(id).getDetail?.(state, 'no such row')).toBeUndefined()
  })

  test('has a title and, if any, a note in one line', () => {
    for (const [, state] of states) {
      expect(getPanel(id).title.length).toBeGreaterThan(2)
      expect(getPanel(id).getNote?.(state) ?? '').not.toMatch(/undefined|NaN|\[object|\n/)
    }
  })

  test('never shows undefined, NaN or [object Object]', () => {
    for (const [, state] of states)
      for (const whole of [true, false])
        expect(drawn(id, state, { width: 200, height: 50, whole }).join('\n')).not.toMatch(
          /undefined|NaN|\[object|Infinity|null/,
        )
  })

  test('shows a text when it is empty', () => {
    expect(drawn(id, emptyState, { width: 100, height: 10, whole: true }).join('').trim()).not.toBe('')
  })

  test('sorts by each of its columns and back', () => {
    const columns = getPanel(id).sortColumns ?? []
    const top = (state: AppState): string | undefined => getPanel(id).listKeys?.(state)[0]
    let state = applyActions(fullState, { type: 'view', panel: id })
    for (const _ of columns) {
      state = applyActions(state, { type: 'sort', columns, by: 1 })
      expect(wrong(drawn(id, state, { width: 120, height: 20, whole: true }), 120, 20)).toEqual([])
      expect(top(applyActions(state, { type: 'reverse' }, { type: 'reverse' }))).toBe(top(state))
    }
  })
})

test('the overview shows the first rows of the list, the zoomed view all of them', () => {
  const rows = getPanel('cgroups').listKeys!(fullState).length
  expect(rows).toBeGreaterThan(80)
  expect(drawn('cgroups', fullState, { width: 120, height: rows + 10, whole: true }).length).toBe(rows + 4)
})

test('a filter keeps matching rows', () => {
  const state = applyActions(fullState, { type: 'view', panel: 'slab' }, { type: 'type', text: 'KMALLOC' })
  expect(getPanel('slab').listKeys!(state)).toEqual(['(large kmalloc)', 'kmalloc-64 64'])
  const none = applyActions(state, { type: 'type', text: 'no such cache' })
  expect(getPanel('slab').listKeys!(none)).toEqual([])
  expect(drawn('slab', none, { width: 80, height: 10, whole: true }).join('\n')).toContain(
    'no cache matches “no such cache”',
  )
})

test('a filter compares the values of cgroups and caches', () => {
  const keys = (panel: string, filter: string): readonly string[] => {
    const state = applyActions(
      fullState,
      { type: 'view', panel },
      { type: 'prompt', prompt: 'filter' },
      { type: 'type', text: filter },
    )
    return getPanel(panel).listKeys!(state)
  }
  expect(keys('cgroups', 'memory>3G').length).toBeGreaterThan(0)
  expect(keys('cgroups', 'memory>3G').length).toBeLessThan(keys('cgroups', 'memory>100M').length)
  expect(keys('slab', 'size>100M !filp').every(key => !key.includes('filp'))).toBe(true)
  expect(keys('slab', '/^kmalloc-\\d+$/')).toHaveLength(1)
})

describe('the table', () => {
  test('has unique ids and number keys, and 1 is left to the overview', () => {
    expect(new Set(panelIds).size).toBe(panels.length)
    const keys = panels.map(({ key }) => key)
    expect(new Set(keys).size).toBe(panels.length)
    for (const key of keys) expect(key).toMatch(/^[2-9]$/)
  })

  test('names one panel for every detector', () => {
    for (const id of detectorIds) expect(findPanelOfDetector(id), id).toBeDefined()
    const declared = panels.flatMap(({ detectors }) => detectors)
    expect(declared.toSorted()).toEqual([...detectorIds].toSorted())
  })

  test.each(panels.map(({ id, key, title, name }) => ({ id, key, title, name })))(
    'reaches $id by its number key, and shows it',
    ({ id, key, title, name }) => {
      const command = findCommand(key, fullState)!
      expect(command.footer).toBe(name)
      const state = updateState(fullState, toAction(command.effect, fullState, 120, 40)!)
      expect(state.ui).toMatchObject({ focus: id, zoomed: true })
      const frame = renderFrameText(state, pens[0]!, 120, 40)
      expect(frame.join('\n')).toMatch(new RegExp(`╭─[ ▌]${title} `))
    },
  )

  test('reaches every panel by Tab', () => {
    let state = updateState(fullState, { type: 'view', panel: panelIds[0]! })
    const visited = panels.map(() => {
      state = updateState(state, toAction({ type: 'focus-next' }, state, 120, 40)!)
      return state.ui.focus
    })
    expect(visited.toSorted()).toEqual([...panelIds].toSorted())
  })
})

test('texts that name a panel and its key agree with the table', () => {
  const root = new URL('../../', import.meta.url).pathname
  const texts = globSync('{src/**/*.ts,docs/*.md,README.md}', { cwd: root }).map(path =>
    readFileSync(root + path, 'utf8'),
  )
  const named = texts.flatMap(text => [
    ...text.matchAll(/(Cgroups|Slab|Memory|Alerts|[kK]ernel log)(?: \(|, )key (\d)/g),
  ])
  expect(named.length).toBeGreaterThan(10)
  const known = new Set(panels.map(({ title, key }) => `${title.toLowerCase()} ${key}`))
  expect(named.map(([, title, key]) => `${title!.toLowerCase()} ${key}`).filter(one => !known.has(one))).toEqual([])
  expect(texts.flatMap(text => text.match(/\b[vV]iew \d/g) ?? [])).toEqual([])
  expect(readFileSync(`${root}docs/screen.md`, 'utf8')).toContain(`\`1 … ${numberedPanels.at(-1)!.key}\` | views`)
})
