// Kills in the log and the OOM view show the pod name once it is known.
import { expect, test } from 'vitest'
import { createInitialState } from '../../../src/app/state.ts'
import { listLogRows } from '../../../src/panels/log/rows.ts'
import { buildKillDetail } from '../../../src/panels/oom/detail.ts'
import { oomPanel } from '../../../src/panels/oom/panel.ts'
import { readCapture } from '../../collectors/kmsg/captures.ts'
import { buildHistory } from '../../fixtures.ts'

const kill = { time: 0, collector: 'kmsg', files: { '/dev/kmsg': readCapture('oom-swap.v2-6.12') } } as const
const log = buildHistory([kill])
const UID = '3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
const named = buildHistory([kill, { time: 1, collector: 'names', files: { [`/var/log/pods/shop_web-0_${UID}/`]: '' } }])

const folded = (history: typeof log): string => listLogRows(history, true).find(row => row.kill !== undefined)!.text

test('a folded report names the pod', () => {
  expect(folded(log)).toContain('pod 3f0c9a51')
  expect(folded(named)).toContain('shop/web-0')
})

test('the OOM page names the pod, and a filter finds it', () => {
  const { sequence } = named.kmsg.oomKills[0]!
  expect(buildKillDetail(log, sequence!)!.facts).not.toContainEqual(['pod', 'shop/web-0'])
  expect(buildKillDetail(named, sequence!)!.facts).toContainEqual(['pod', 'shop/web-0'])
  const state = createInitialState(named)
  const filtered = (filter: string) => ({
    ...state,
    ui: { ...state.ui, panels: { ...state.ui.panels, oom: { filter } } },
  })
  expect(oomPanel.listKeys!(filtered('web-0'))).toHaveLength(1)
  expect(oomPanel.listKeys!(filtered('web-1'))).toHaveLength(0)
})
