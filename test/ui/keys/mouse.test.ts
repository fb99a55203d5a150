// The mouse: what terminals report, and what is at a cell of the screen.
import { describe, expect, test } from 'vitest'
import { type AppState, updateState } from '../../../src/app/state.ts'
import { getPanel, panelIds } from '../../../src/panels/index.ts'
import { parseFunctionKey } from '../../../src/ui/keys/function-keys.ts'
import { toAction } from '../../../src/ui/keys/keys.ts'
import { type MouseEvent, parseMouseEvent } from '../../../src/ui/keys/mouse-event.ts'
import { findMouseEffects } from '../../../src/ui/keys/mouse-target.ts'
import { createRawKeyParser } from '../../../src/ui/keys/raw-keys.ts'
import { findOpenDetail, renderFrameText } from '../../../src/ui/screen.tsx'
import { createPen } from '../../../src/widgets/pen.ts'
import { applyActions, fullState, idlePlayer } from '../../playback/states.ts'

const pen = createPen({ level: 0, ascii: false })
const view = { pen, columns: 120, rows: 40 }

test.each([
  ['\x1b[<0;10;5M', { kind: 'click', column: 9, row: 4 }],
  ['\x1b[<16;1;1M', { kind: 'click', column: 0, row: 0 }],
  ['\x1b[<64;200;60M', { kind: 'wheel-up', column: 199, row: 59 }],
  ['\x1b[<65;1;1M', { kind: 'wheel-down', column: 0, row: 0 }],
  ['\x1b[<0;10;5m', 'none'],
  ['\x1b[<2;10;5M', 'none'],
  ['\x1b[<35;10;5M', 'none'],
  ['\x1b[<0;10M', undefined],
  ['a', undefined],
] as const)('%j is %j', (input, event) => expect(parseMouseEvent(input)).toEqual(event))

test.each([
  ['\x1bOP', 'f1'],
  ['\x1b[11~', 'f1'],
  ['\x1b[[D', 'f4'],
  ['\x1b[15~', 'f5'],
  ['\x1b[21~', 'f10'],
  ['\x1b[24~', 'f12'],
  ['\x1b[16~', undefined],
  ['\x1b[A', undefined],
  ['\x1b[6~', undefined],
])('%j is %s', (sequence, name) => expect(parseFunctionKey(sequence)).toBe(name))

test('keys and events are found in what was read, in any pieces', () => {
  const parse = createRawKeyParser()
  expect(parse('ab\x1b[<0;1;2M\x1b[<0;1;2mc\x1b[21~')).toEqual([{ kind: 'click', column: 0, row: 1 }, 'f10'])
  expect([parse('\x1b[<64;1'), parse('0;2'), parse('M')].flat()).toEqual([{ kind: 'wheel-up', column: 9, row: 1 }])
  // Esc, O and P are three keys
  expect([parse('\x1b'), parse('O'), parse('P')].flat()).toEqual([])
  expect([parse(`\x1b[<${'1;'.repeat(1000)}`), parse('M')].flat()).toEqual([])
})

const frame = (state: AppState): readonly string[] => renderFrameText(state, pen, view.columns, view.rows)

/** The cell of a text on the screen. */
function findCell(state: AppState, text: RegExp): { readonly column: number; readonly row: number } {
  const lines = frame(state)
  const row = lines.findIndex(line => text.test(line))
  return { row, column: lines[row]!.search(text) }
}

const click = (state: AppState, text: RegExp, kind: MouseEvent['kind'] = 'click'): AppState =>
  findMouseEffects({ kind, ...findCell(state, text) }, state, view).reduce((next, effect) => {
    const action = toAction(effect, next, view.columns, view.rows)
    return action ? updateState(next, action) : next
  }, state)

const on = (panel: string): AppState => applyActions(fullState, { type: 'view', panel })

describe('a click', () => {
  test('on a row selects it, on the selected row opens it', () => {
    const selected = click(on('slab'), /dentry/)
    expect(selected.ui.panels.slab?.selected).toMatch(/dentry/)
    expect(click(selected, /dentry/).ui.detail).toBe(selected.ui.panels.slab?.selected)
  })

  test.each(panelIds.filter(id => getPanel(id).listKeys && id !== 'pressure'))('finds every row of %s', id => {
    const keys = getPanel(id).listKeys!(on(id)).slice(0, 5)
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) {
      const state = applyActions(on(id), { type: 'select', key })
      const at = findCell(state, /(?<=│)▌/)
      expect(findMouseEffects({ kind: 'click', ...at, column: at.column + 1 }, state, view), key).toEqual([
        { type: 'open' },
      ])
    }
  })

  test('on a head sorts by it, again turns the order', () => {
    const sorted = click(on('slab'), /OBJECTS/)
    expect(sorted.ui.panels.slab).toMatchObject({ column: 'objects', reverse: false })
    expect(frame(sorted).join('\n')).toMatch(/OBJECTS▾/)
    const turned = click(sorted, /OBJECTS/)
    expect(frame(turned).join('\n')).toMatch(/OBJECTS▴/)
    expect(frame(click(on('oom'), /PROCESS/)).join('\n')).toMatch(/PROCESS▴/)
  })

  test('on a panel of the overview gives it the focus', () => {
    expect(click(fullState, /dentry/).ui).toMatchObject({ focus: 'slab', zoomed: false })
  })

  test('on a word of the footer presses its key', () => {
    expect(click(fullState, /(?<=4 )Log/).ui).toMatchObject({ focus: 'log', zoomed: true })
    expect(click(fullState, /\? help/).ui.help).toBe(true)
    expect(
      click(applyActions(fullState, { type: 'detail', key: '/pod/c1' }), /(?<=esc )back/).ui.detail,
    ).toBeUndefined()
  })

  test('on a line of the banner opens its alert', () => {
    expect(click(fullState, /SLAB GROWTH/).ui).toMatchObject({ focus: 'alerts', detail: 'slab-growth SUnreclaim' })
  })

  test('on the timeline jumps to that time', () => {
    const played = { ...fullState, player: { ...idlePlayer, begin: 0, end: 100_000, at: 0 } }
    const cell = findCell(played, /├/)
    const room = frame(played)[cell.row]!.indexOf('┤') - cell.column - 1
    const at = { kind: 'click', row: cell.row, column: cell.column + 1 + Math.floor(room / 2) } as const
    const [effect] = findMouseEffects(at, played, view)
    expect(effect).toMatchObject({ type: 'player', command: { type: 'go' } })
    const { time } = (effect as { command: { time: number } }).command
    expect(Math.abs(time - 50_000)).toBeLessThan(100_000 / room)
    expect(findMouseEffects({ ...at, column: 0 }, played, view)).toEqual([])
  })

  test('on a link of a page opens it, also where the page is scrolled or has several lines of links', () => {
    const alert = updateState(on('alerts'), { type: 'detail', key: getPanel('alerts').listKeys!(on('alerts'))[0]! })
    for (const [columns, rows, scroll] of [
      [120, 40, 0],
      [40, 16, 0],
      [40, 12, 1],
    ] as const) {
      const state = applyActions(alert, { type: 'scroll', by: scroll })
      const { links = [] } = findOpenDetail(state)!
      expect(links.length).toBeGreaterThan(1)
      const lines = renderFrameText(state, pen, columns, rows)
      const row = lines.findLastIndex(line => line.includes(links[0]!.label))
      const at = { kind: 'click', row, column: lines[row]!.indexOf(links[0]!.label) } as const
      const [{ panel, key }] = [links[0]!]
      expect(findMouseEffects(at, state, { pen, columns, rows })).toEqual([{ type: 'detail', panel, key }])
      expect(findMouseEffects({ ...at, column: 1 }, state, { pen, columns, rows })).toEqual([])
    }
  })

  test('on the page beside a list opens it', () => {
    const wide = { pen, columns: 200, rows: 60 }
    const state = applyActions(on('slab'), { type: 'select', key: getPanel('slab').listKeys!(on('slab'))[0]! })
    expect(findMouseEffects({ kind: 'click', column: 150, row: 20 }, state, wide)).toEqual([{ type: 'open' }])
  })

  test('beside everything, or outside the screen, does nothing', () => {
    for (const [column, row] of [
      [0, 0],
      [500, 3],
      [3, 500],
      [-1, -1],
      [0, 5],
    ] as const)
      expect(findMouseEffects({ kind: 'click', column, row }, on('slab'), view)).toEqual([])
  })
})

test('the wheel moves the selection of the list below it, and scrolls a page', () => {
  expect(click(on('slab'), /dentry/, 'wheel-down').ui.panels.slab?.selected).toBe(
    getPanel('slab').listKeys!(on('slab'))[2],
  )
  expect(click(fullState, /dentry/, 'wheel-down').ui.focus).toBe('slab')
  expect(click(applyActions(fullState, { type: 'help' }), /SOURCE|Help/, 'wheel-down').ui.scroll).toBe(3)
})

describe('beside a page on a wide screen', () => {
  const wide = { pen, columns: 200, rows: 60 }
  const first = getPanel('slab').listKeys!(on('slab'))[0]!
  const page = applyActions(on('slab'), { type: 'detail', key: first })
  const findSideCell = (text: RegExp): { readonly column: number; readonly row: number } => {
    const lines = renderFrameText(page, pen, wide.columns, wide.rows).map(line => line.slice(124))
    return { column: 140, row: lines.findIndex(line => text.test(line)) }
  }
  const findEffects = (text: RegExp, kind: MouseEvent['kind'] = 'click') =>
    findMouseEffects({ kind, ...findSideCell(text) }, page, wide)

  test('a click on a row of the list opens its page in place of this one', () => {
    const key = getPanel('slab').listKeys!(page).find(other => other.includes('kmalloc-64'))!
    expect(findEffects(/kmalloc-64/)).toEqual([{ type: 'detail', key, panel: 'slab', replace: true }])
  })

  test('a click on a counter or a kill opens its page, on a title the view', () => {
    expect(findEffects(/MemAvailable/)).toEqual([
      { type: 'detail', key: 'MemAvailable', panel: 'memory', replace: false },
    ])
    expect(findEffects(/OOM kill {2}java/)).toMatchObject([{ type: 'detail', panel: 'log' }])
    expect(findEffects(/ Kernel log /)).toEqual([{ type: 'view', panel: 'log' }])
  })

  test('the wheel over the list goes to the next page, elsewhere it scrolls this one', () => {
    expect(findEffects(/kmalloc-64/, 'wheel-down')).toEqual([{ type: 'next-item', by: 1 }])
    expect(findEffects(/MemAvailable/, 'wheel-up')).toEqual([{ type: 'move', by: -3 }])
  })
})

test('no cell of any view makes a click fail', () => {
  const clickEverywhere = (id: (typeof panelIds)[number]): void => {
    for (let row = 0; row < view.rows; row += 3)
      for (let column = 0; column < view.columns; column += 37)
        findMouseEffects({ kind: 'click', column, row }, on(id), view)
  }
  for (const id of panelIds) expect(() => clickEverywhere(id), id).not.toThrow()
})
