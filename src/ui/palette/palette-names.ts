// Names that the command line completes: caches, cgroups, kills and alerts, and the page that a name leads to.

import { type AppState, getVisibleHistory } from '../../app/state.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import { getAlertKey } from '../../detectors/alerts.ts'
import { getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import { getKillKey } from '../../panels/links.ts'
import type { CommandResult } from '../keys/key-command.ts'
import { adviseName } from './nearest-advice.ts'

const MAX_COMPARED = 2000 // names that the nearest one is searched among
const MAX_NAMED = 5000 // cgroups whose short names are searched too: building them takes 3 ms per thousand

/** A row that can be named. */
interface Named {
  readonly name: string
  readonly key: string
}

type NamedPanel = 'cgroups' | 'slab' | 'oom' | 'alerts'

const LISTS: Readonly<Record<NamedPanel, (state: AppState) => readonly Named[]>> = {
  cgroups: state => {
    const history = getVisibleHistory(state)
    const paths = [...history.cgroups.cgroups.keys()]
    const named =
      paths.length > MAX_NAMED ? [] : paths.map(path => ({ name: formatCgroupName(history, path), key: path }))
    return [...named.filter(({ name, key }) => name !== key), ...paths.map(path => ({ name: path, key: path }))]
  },
  slab: state => getVisibleHistory(state).slabinfo.caches.map(({ name, key }) => ({ name, key })),
  oom: state =>
    getCorrelatedKills(getVisibleHistory(state))
      .toReversed()
      .map(one => ({
        name: one.kill ? `${one.kill.victim.comm}[${one.kill.victim.pid}]` : 'unnamed',
        key: getKillKey(one),
      })),
  alerts: ({ alerts }) =>
    alerts.toReversed().map(alert => ({ name: `${alert.title} ${alert.subject}`, key: getAlertKey(alert) })),
}

const WORDS: Readonly<Record<NamedPanel, string>> = { cgroups: 'cgroup', slab: 'cache', oom: 'kill', alerts: 'alert' }

const createLister =
  (panel: NamedPanel) =>
  (state: AppState): readonly string[] =>
    LISTS[panel](state).map(({ name }) => name)

/** Names of the cgroups of the session. */
export const listCgroupNames = createLister('cgroups')
/** Names of the slab caches of the session. */
export const listCacheNames = createLister('slab')
/** Names of the OOM kills of the session. */
export const listKillNames = createLister('oom')
/** Names of the alerts of the session. */
export const listAlertNames = createLister('alerts')

// Kills and alerts of before what was read may be added; caches and cgroups are those of the sample that is shown.
const isBeingRead = (panel: NamedPanel, state: AppState): boolean =>
  (panel === 'oom' && getVisibleHistory(state).knownSince !== undefined) ||
  (panel === 'alerts' && state.player?.alertsKnown === false)

/** Opens the page of what is named: exactly, else the only one whose name contains the text. Without a name: the list. */
export function openNamed(panel: NamedPanel, name: string, state: AppState): CommandResult {
  if (name === '') return [{ type: 'view', panel }]
  const all = LISTS[panel](state)
  const wanted = name.toLowerCase()
  const exact = all.find(one => one.name === name) ?? all.find(one => one.name.toLowerCase() === wanted)
  const matches = exact ? [exact] : all.filter(one => one.name.toLowerCase().includes(wanted))
  const keys = [...new Set(matches.map(({ key }) => key))]
  if (keys.length === 1) return [{ type: 'detail', key: keys[0]!, panel }]
  const word = WORDS[panel]
  if (keys.length === 0 && isBeingRead(panel, state)) return 'not known yet: the recording is being read'
  if (keys.length > 1) return `${keys.length} ${word}s match ${name}; Tab lists them`
  if (all.length === 0) return `there is no ${word} here`
  const names = all.slice(0, MAX_COMPARED).map(one => one.name)
  return `no ${word} ${name}; ${adviseName(name, names)}`
}
