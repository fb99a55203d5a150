// --linear: the start, the lines of changes, and the answers to keys.
import { describe, expect, test } from 'vitest'
import { noControls } from '../../../src/app/playback-controls.ts'
import { createStore } from '../../../src/app/store.ts'
import { createLineAnswers, writeChanges } from '../../../src/cli/live/linear.ts'
import { isLinear } from '../../../src/cli/terminal/terminal-type.ts'
import { panelIds } from '../../../src/panels/index.ts'
import { formatViewText } from '../../../src/ui/view-text.ts'
import { emptyState, fullState } from '../../playback/states.ts'

test('is on by its option, or on a terminal of a screen reader', () => {
  expect(isLinear(true, {}, false)).toBe(true)
  expect(isLinear(false, { INK_SCREEN_READER: 'true' }, true)).toBe(true)
  expect(isLinear(false, { INK_SCREEN_READER: 'true' }, false)).toBe(false)
  expect(isLinear(undefined, {}, true)).toBe(false)
})

describe('keys', () => {
  const store = createStore(fullState)
  const marks: string[] = []
  const answer = createLineAnswers(store, { ...noControls, addMark: text => marks.push(text) })

  test('? lists every key, and each of them answers', () => {
    const help = answer('?')!
    const keys = help.slice(1).map(line => line.split(':')[0]!.replace('Enter', ''))
    expect(keys).toEqual(expect.arrayContaining(['', '1', '2', '3', '4', '5', '6', '7', '8', 'd', 'a', 'm', 'w', 'q']))
    for (const key of ['', '1', '2', '3', '4', '5', '6', '7', '8', 'd']) expect(answer(key), key).not.toEqual([])
    expect(answer('q')).toBeUndefined()
    expect(answer('x\x1b[2J')).toEqual([expect.stringMatching(/^no key x[^\x1b]*; \? lists the keys$/)])
  })

  test('Enter names each kind of alert once, with its number', () => {
    const [alert] = fullState.alerts
    const alerts = ['a', 'b'].map(subject => ({ ...alert!, subject, title: 'OOM KILL', severity: 'critical' as const }))
    const twice = createLineAnswers(createStore({ ...fullState, alerts }), noControls)
    expect(twice('')!.join('\n')).toMatch(/alerts: OOM KILL \(critical\) ×\d+$/)
  })

  test('views are text without drawings and without control characters', () => {
    for (const id of panelIds) {
      const lines = formatViewText(fullState, id)
      expect(lines.join('')).not.toMatch(/[\u2500-\u259f\u2800-\u28ff]|\p{Cc}/u)
      expect(lines.length).toBeGreaterThan(1)
    }
    expect(answer('3')!.join('\n')).toMatch(/kmalloc-64, type U, size \S+, objects /)
    expect(answer('2')!.find(line => /^\S+, memory \S+, limit /.test(line))).toBeDefined()
  })

  test('the page of the most urgent alert has evidence and remedies', () => {
    expect(answer('d')!.join('\n')).toMatch(/to do 1: /)
    expect(createLineAnswers(createStore(emptyState), noControls)('d')).toEqual(['no active alert'])
  })

  test('a acknowledges, m marks', () => {
    expect(answer('a')).toEqual([])
    expect(store.get().alerts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)).toHaveLength(1)
    expect(answer('m deploy 7')).toEqual([])
    expect(marks).toEqual(['deploy 7'])
    expect(answer('m')).toEqual(['a mark needs a text: m TEXT'])
  })
})

test('the start comes with the first sample, then only changes are written', () => {
  const written: string[] = []
  const store = createStore(emptyState)
  writeChanges(store, { write: line => written.push(line) })
  store.dispatch({ type: 'identity', text: 'x' })
  expect(written).toEqual([])
  const { history, alerts } = fullState
  const player = { rewound: false } as never
  store.dispatch({ type: 'played', monitor: { history, alerts }, player })
  expect(written[0]).toMatch(/^kmemtop on .*: Linux .* of RAM/)
  expect(written[1]).toMatch(/available \(\d.* % of RAM\), SUnreclaim .*alerts: /)
  const count = written.length
  store.dispatch({ type: 'identity', text: 'y' })
  expect(written).toHaveLength(count)
  store.dispatch({ type: 'acknowledge' })
  expect(written.slice(count)).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d acknowledged: /)])
})
