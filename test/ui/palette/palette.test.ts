// The command line of `:`: what it completes, what it runs, and what it says of a command that it cannot run.
import { describe, expect, test } from 'vitest'
import type { AppState } from '../../../src/app/state.ts'
import { numberedPanels } from '../../../src/panels/index.ts'
import { handleTypedKey } from '../../../src/ui/keys/typed-keys.ts'
import { drawCandidates } from '../../../src/ui/palette/candidates.ts'
import { listCandidates, runCommandText } from '../../../src/ui/palette/palette.ts'
import { createPen } from '../../../src/widgets/pen.ts'
import { applyActions, emptyState, fullState, idlePlayer } from '../../playback/states.ts'

const typed = (text: string, state: AppState = fullState): AppState =>
  applyActions(state, { type: 'prompt', prompt: 'command' }, { type: 'type', text })
const complete = (text: string, state?: AppState): readonly string[] =>
  listCandidates(typed(text, state), 8).map(candidate => candidate.text)
const run = (text: string, state: AppState = fullState): unknown => runCommandText(text, state)

describe('candidates', () => {
  test('begin with what is typed, then contain it, then have its letters in order', () => {
    expect(complete('sl')).toEqual(['slab', 'baseline'])
    expect(complete('ca')[0]).toBe('cache ')
    expect(complete('verv')).toEqual(['overview'])
    expect(complete('thm')).toEqual(['theme '])
    expect(complete('qqq')).toEqual([])
    expect(complete('')).toHaveLength(8)
  })

  test('of an argument are names of this node, also in capitals and from the middle', () => {
    expect(complete('cache DENT')).toEqual(['cache dentry'])
    expect(complete('cgroup od/c1')).toEqual(['cgroup /pod/c1'])
    expect(complete('set criticalhours')).toContain('set slab-growth.criticalHours=24')
    expect(complete('theme l')[0]).toBe('theme light')
    expect(complete('kill jav')).toEqual([expect.stringMatching(/^kill java\[\d+\]$/)])
    expect(complete('goto 1')).toEqual(['goto '])
  })

  test('are drawn in as many lines as a small screen spares, the chosen one marked', () => {
    const pen = createPen({ level: 0, ascii: false })
    const lines = drawCandidates(applyActions(typed('o'), { type: 'choose', choice: 0 }), pen, 80, 24)
    expect(lines).toHaveLength(4)
    expect(lines[0]).toMatch(/^▌:overview +Overview \(key 1\) +$/)
    expect(lines.every(line => line.length === 80)).toBe(true)
    expect(drawCandidates(fullState, pen, 80, 24)).toEqual([])
  })
})

describe('a command', () => {
  test('opens every view by its name, or as much of it as is unique', () => {
    for (const { id } of numberedPanels) expect(run(id)).toEqual([{ type: 'view', panel: id }])
    expect(run(' ove ')).toEqual([{ type: 'view', panel: 'overview' }])
    expect(run('slab now')).toBe('slab takes no argument')
  })

  test('opens the page of what it names', () => {
    expect(run('cgroup /pod/c1')).toEqual([{ type: 'detail', key: '/pod/c1', panel: 'cgroups' }])
    expect(run('cache filp')).toEqual([{ type: 'detail', key: expect.any(String), panel: 'slab' }])
    expect(run('alert slab')).toEqual([{ type: 'detail', key: 'slab-growth SUnreclaim', panel: 'alerts' }])
    expect(run('cgroup')).toEqual([{ type: 'view', panel: 'cgroups' }])
  })

  test('that names nothing or too much says so', () => {
    expect(run('undo')).toMatch(/^nothing to undo/)
    expect(run('live')).toBe('this is live already')
    expect(run('live', { ...fullState, player: idlePlayer })).toBe('this is a recording: there is nothing live')
    expect(run('cache dentri')).toBe('no cache dentri; the nearest is dentry')
    expect(run('cgroup c1')).toMatch(/^\d+ cgroups match c1; Tab lists them$/)
    expect(run('cgroup x', emptyState)).toBe('there is no cgroup here')
  })

  test('jumps to a time, with or without goto', () => {
    for (const text of ['14:02', '-10m', '+90s', '50%'])
      expect([run(text), run(`goto ${text}`)]).toEqual([[{ type: 'seek', text }], [{ type: 'seek', text }]])
  })

  test('sets the window, within what charts can show', () => {
    expect(run('window 6h')).toEqual([{ type: 'window', span: 6 * 3_600_000 }])
    expect(run('window fit')).toEqual([{ type: 'window', span: undefined }])
    expect(run('window 6x')).toBe('window 6x: expected a time like 15m, 6h or 2d, or fit')
    expect(run('window 1s')).toBe('window 1s: expected 1m to 30d')
  })

  test('sets one threshold of a live session, and only to a number', () => {
    const [effect] = run('set slab-growth.criticalHours=12') as readonly { thresholds: typeof fullState.thresholds }[]
    expect(effect!.thresholds['slab-growth']).toEqual({ ...fullState.thresholds['slab-growth'], criticalHours: 12 })
    expect(run('set slab-growth.criticalHour=12')).toBe(
      'no threshold slab-growth.criticalHour; the nearest is slab-growth.criticalHours',
    )
    for (const value of ['-1', 'NaN', '1e999', 'x'])
      expect(run(`set slab-growth.criticalHours=${value}`)).toMatch(/expected a number of 0 or more/)
    expect(run('set slab-growth.criticalHours')).toMatch(/^set: expected DETECTOR\.THRESHOLD=NUMBER/)
    expect(run('set x.y=1', { ...fullState, player: idlePlayer })).toMatch(/^a recording is read with the thresholds/)
  })

  test('sorts and filters only lists', () => {
    const slab = applyActions(fullState, { type: 'view', panel: 'slab' })
    expect(run('sort size', slab)).toEqual([{ type: 'sort-by', column: 'size' }])
    expect(run('sort weight', slab)).toMatch(/^Slab has no column weight: growth, size/)
    expect(run('filter x', applyActions(fullState, { type: 'view', panel: 'memory' }))).toBe('Memory has no filter')
  })

  test('needs a file to save into, and a live session', () => {
    expect(run('save /x y.kmem')).toEqual([{ type: 'save', file: '/x y.kmem' }])
    expect(run('save')).toMatch(/^save FILE: expected/)
    expect(run('save x', { ...fullState, player: idlePlayer })).toMatch(/^this is a recording/)
  })

  test('that is unknown says which is the nearest', () => {
    expect(run('slob')).toBe('no command slob; the nearest is slab, or a time like 14:05 or -10m')
    expect(run('s')).toMatch(/^no command s;/)
    expect(run('  ')).toEqual([])
  })
})

describe('keys while a command is typed', () => {
  const press = (state: AppState, name: string, input = ''): AppState =>
    applyActions(state, ...handleTypedKey(state, { input, name, candidates: 8 }).actions)

  test('Tab takes over the only candidate, and goes through several', () => {
    expect(press(typed('sla'), 'tab').ui.input).toBe('slab')
    let state = press(typed('o'), 'tab')
    expect(state.ui.choice).toBe(0)
    state = press(press(state, 'down'), 'shift-tab')
    expect(state.ui.choice).toBe(0)
    expect(press(typed('o'), 'up').ui.choice).toBeGreaterThan(0)
  })

  test('Enter on a chosen word without its argument waits for that; else it runs what is chosen', () => {
    const chosen = press(typed('cach'), 'down')
    expect(press(chosen, 'return').ui).toMatchObject({ typing: 'command', input: 'cache ' })
    const named = press(typed('cache dentry'), 'down')
    expect(handleTypedKey(named, { input: '', name: 'return', candidates: 8 }).entered).toEqual({
      prompt: 'command',
      text: 'cache dentry',
    })
  })

  test('Ctrl-W deletes a word, Ctrl-U everything, Esc leaves', () => {
    expect(press(typed('cache den'), 'ctrl-w').ui.input).toBe('cache ')
    expect(press(typed('cache den'), 'ctrl-u').ui.input).toBe('')
    expect(press(typed('cache den'), 'escape').ui).toMatchObject({ typing: undefined, input: '' })
  })

  test('a text has a bound', () => expect(press(typed('x'.repeat(500)), 'y', 'y').ui.input).toHaveLength(500))
})
