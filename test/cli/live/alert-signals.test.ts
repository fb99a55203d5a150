// Title, bell and notification: what is written to the terminal, and when.
import { expect, test } from 'vitest'
import { createStore } from '../../../src/app/store.ts'
import { encodeNotification, formatTitle, signalAlerts } from '../../../src/cli/live/alert-signals.ts'
import { encodeClipboard } from '../../../src/cli/terminal/clipboard.ts'
import type { Alert } from '../../../src/detectors/alerts.ts'
import { emptyState, fullState } from '../../playback/states.ts'

const conditions = fullState.alerts.filter(({ kind }) => kind === 'condition')
const critical: Alert = { ...conditions[0]!, severity: 'critical' }

function follow(options: { readonly title: boolean; readonly bell: boolean; readonly notify: boolean }): {
  readonly written: readonly string[]
  show(alerts: readonly Alert[]): void
  end(): void
} {
  const written: string[] = []
  const store = createStore(emptyState)
  const end = signalAlerts(store, options, sequence => written.push(sequence), { TERM: 'xterm' })
  return { written, show: alerts => store.dispatch({ type: 'remembered', alerts }), end }
}

test('a critical alert rings and notifies once, until another one comes', () => {
  const { written, show } = follow({ title: false, bell: true, notify: true })
  show([critical])
  show([{ ...critical, seenAt: 5 }])
  show([{ ...critical, seenAt: 6, resolvedAt: 7 }])
  expect(written).toEqual(['\x07', expect.stringMatching(/^\x1b\]9;node-7: .*\x07$/)])
  show([
    { ...critical, resolvedAt: 7 },
    { ...critical, raisedAt: 900 },
  ])
  expect(written).toHaveLength(4)
})

test('a warning, or an alert that is acknowledged or over, is silent', () => {
  for (const change of [{ severity: 'warning' }, { acknowledgedAt: 1 }, { overAt: 1 }] as const) {
    const { written, show } = follow({ title: false, bell: true, notify: true })
    show([{ ...critical, ...change }])
    expect(written).toEqual([])
  }
})

test('the title names the worst alert, is written when it changes, and is given back', () => {
  const { written, show, end } = follow({ title: true, bell: false, notify: false })
  show([critical])
  show([{ ...critical, seenAt: 5 }])
  show([])
  end()
  expect(written).toEqual([
    '\x1b[22;2t',
    '\x1b]2;node-7 - kmemtop\x07',
    `\x1b]2;${critical.title} - node-7 - kmemtop\x07`,
    '\x1b]2;node-7 - kmemtop\x07',
    '\x1b[23;2t',
  ])
})

test('names of the node cannot end a sequence or begin another one', () => {
  const nasty = 'a\x07\x1b]52;c;eA==\x07\x9c;b'
  expect(formatTitle(nasty, [])).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
  for (const env of [{ TERM: 'xterm' }, { TERM: 'rxvt' }, { VTE_VERSION: '1' }]) {
    const sequence = encodeNotification(nasty, nasty.repeat(50), env)
    expect(sequence.slice(2, -1)).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
    expect(sequence.length).toBeLessThan(300)
  }
})

test('inside tmux sequences are passed through', () => {
  expect(encodeNotification('a', 'b', { TMUX: '/x' })).toBe('\x1bPtmux;\x1b\x1b]9;a: b\x07\x1b\\')
  expect(encodeClipboard('hé', {})).toBe('\x1b]52;c;aMOp\x07')
  expect(encodeClipboard('x', { TMUX: '/x' })).toBe('\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\')
})
