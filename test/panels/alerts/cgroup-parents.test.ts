// The page of an alert about the number of cgroups names where most of them are.
import { expect, test } from 'vitest'
import { alertsPanel } from '../../../src/panels/alerts/panel.ts'
import { openScenario } from '../../helpers/recorded-pages.ts'

test('the page of MEMCG IDS names the directory that holds nearly all live cgroups', () => {
  const state = openScenario('v2-id-exhaustion', 60)
  const key = alertsPanel.listKeys!(state).find(other => other.startsWith('memcg-ids'))!
  const facts = new Map(alertsPanel.getDetail!(state, key)!.facts)
  expect(facts.get('most of them in')).toMatch(/^\/many: \d\d,\d{3} live cgroups$/)
})
