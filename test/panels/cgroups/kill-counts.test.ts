// Kills of a cgroup: Linux 3.10 counts none for a cgroup, but its log names the cgroup of each victim.
import { expect, test } from 'vitest'
import { cgroupsPanel } from '../../../src/panels/cgroups/panel.ts'
import { listCgroups } from '../../../src/panels/cgroups/rows.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'

const state = openScenario('v1-incident-310', 129_600)
const [pod] = [...state.history.cgroups.cgroups.values()].filter(({ path }) => path.endsWith('0001'))

test('kills that only the log names are in the list, on the page and in a filter', () => {
  expect(pod!.oomKill).toBeNull()
  expect(new Map(cgroupsPanel.getDetail!(state, pod!.path)!.facts).get('OOM kills')).toBe('10 in the kernel log')
  expect(listCgroups(state.history, { filter: 'oom>9' }).rows.map(({ key }) => key)).toEqual([pod!.path])
  expect(listCgroups(state.history, { filter: 'oom>10' }).rows).toEqual([])
  expect(listCgroups(state.history, { column: 'oom' }).rows[0]!.key).toBe(pod!.path)
})
