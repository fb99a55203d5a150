// The sweep: each scenario is played at every twentieth of its length before, while and after it is indexed. No statement of the screen,
// of `info` or of `check` may contradict what the whole recording says of that time. By default a few scenarios at every fifth.
import { describe, expect, test } from 'vitest'
import { type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import { formatAge } from '../../src/base/format.ts'
import { getValueAt } from '../../src/base/series.ts'
import { type Alert, getAlertKey } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { getCorrelatedKills } from '../../src/detectors/oom/oom-correlation.ts'
import { listChangeLines } from '../../src/export/change-lines.ts'
import { computeVerdict } from '../../src/export/check.ts'
import { createHistory, type History } from '../../src/history.ts'
import { findDefaultRow } from '../../src/panels/default-row.ts'
import { getPanel } from '../../src/panels/index.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { computeHistoryAt } from '../../src/playback/history-at.ts'
import { Player, type PlayerStatus } from '../../src/playback/player.ts'
import { RecordingSeeker } from '../../src/playback/recording-seeker.ts'
import { replaySamples } from '../../src/playback/replay-samples.ts'
import type { TimelineEvent } from '../../src/playback/timeline-events.ts'
import { listAlertNames, listKillNames, openNamed } from '../../src/ui/palette/palette-names.ts'
import { drawView, expectNoContradiction, listNamedPages, listWholeClaims } from './screen-claims.ts'
import {
  LARGE,
  listForms,
  openScenarioFile,
  openSeeker,
  readTruth,
  type SweptForm,
  scenarios,
  type Truth,
} from './sweep-scenarios.ts'

interface Turn {
  readonly place: string
  readonly turn: number
}

/** What a screen shows at a time. */
interface Shown {
  readonly monitor: MonitorState
  readonly player: PlayerStatus
}

function openPlayer(seeker: RecordingSeeker, time: number): { player: Player; shown: Shown } {
  const shown = {} as { -readonly [Key in keyof Shown]: Shown[Key] }
  const show = (monitor: MonitorState, status: PlayerStatus): void =>
    void Object.assign(shown, { monitor, player: status })
  return { player: new Player(seeker, show, { playing: false, begin: time }), shown }
}

const toAppState = ({ monitor, player }: Shown): AppState =>
  updateState(createInitialState(createHistory(monitor.history.session)), { type: 'played', monitor, player })

/** What an alert is at a time, apart from its words and figures. */
const describeAlert = ({ severity, raisedAt, resolvedAt, ...alert }: Alert): string =>
  `${getAlertKey(alert)} ${resolvedAt === undefined ? severity : 'resolved'} raised ${Math.round(raisedAt)}`

const describeEvent = ({ time, kind, text }: TimelineEvent): string =>
  `${Math.round(time)} ${kind} ${text.split('  ')[0]}`

describe.each(scenarios.flatMap(scenario => listForms(scenario).map(form => [scenario, form.form, form] as const)))(
  '%s, %s: the screen contradicts nothing',
  (scenario, _name, { open, shares }) => {
    let truth: Promise<Truth> | undefined
    const getTruth = (): Promise<Truth> => (truth ??= open().then(file => readTruth(file, scenario)))

    test.each(shares)('with %d of it indexed', async share => {
      const { at, events } = await getTruth()
      const shared = openSeeker(await open(), share)
      for (const [i, { time, monitor: whole }] of at.entries()) {
        // a jump leaves checkpoints: before indexing there are none
        const seeker = share === 0 ? openSeeker(await open(), 0) : shared
        const { player, shown } = openPlayer(seeker, time)
        const state = toAppState(shown)
        const place = `at ${Math.round(time)} ms`
        checkAlerts(state, whole, place)
        checkHeader(state, whole, place)
        checkKills(state, whole, place)
        checkNumbers(shown, whole, place)
        if (!LARGE.has(scenario) && share === 0 && shown.monitor.history.knownSince !== undefined)
          checkPages(shown, whole, { place, turn: i })
        checkTimeline(player, events, place)
      }
    })
  },
)

// `diff` and `report` compute a time from the keyframe before it.
test.each(scenarios.filter(scenario => !LARGE.has(scenario)))(
  'diff of %s begins and ends with true values',
  async scenario => {
    const [{ open }] = listForms(scenario) as [SweptForm]
    const { at } = readTruth(await open(), scenario)
    const { replayer } = openSeeker(await open(), 0)
    for (const { time, monitor } of at) checkValues(computeHistoryAt(replayer, time), monitor.history, `at ${time} ms`)
  },
)

// Both replay the recording once, and number and name its alerts: the timeline must have the same turns.
test.each(scenarios.filter(scenario => !LARGE.has(scenario)))(
  'info, check and --linear of %s say what the timeline says',
  scenario => {
    const { events } = readTruth(openScenarioFile(scenario), scenario)
    const seeker = new RecordingSeeker(openScenarioFile(scenario), defaultThresholds)
    const log = new AlertLog()
    let last = createMonitorState(seeker.session)
    const lines: string[] = []
    for (const { monitor } of replaySamples(seeker.replayer, {}, log)) {
      lines.push(...listChangeLines(last, monitor))
      last = monitor
    }
    const { history } = last
    const alerts = log.listAlerts(seeker.replayer.summaryAlerts)
    const turns = alerts.flatMap(({ raisedAt, criticalAt, resolvedAt }) => [
      ...new Set([raisedAt, criticalAt ?? raisedAt]),
      ...(resolvedAt === undefined ? [] : [resolvedAt]),
    ])
    const drawn = events.filter(
      ({ kind, text }) => !['mark', 'gap', 'acknowledged'].includes(kind) && !/ ×\d+ {2}/.test(text),
    )
    expect(turns.sort((a, b) => a - b)).toEqual(drawn.map(({ time }) => time))
    const countLines = (pattern: RegExp): number => lines.filter(line => pattern.test(line)).length
    const countDrawn = (...kinds: readonly string[]): number => drawn.filter(({ kind }) => kinds.includes(kind)).length
    expect(countLines(/^(info|warning|critical): |^now critical: /)).toBe(countDrawn('info', 'warning', 'critical'))
    expect(countLines(/^ended after /)).toBe(countDrawn('ended'))
    const isProblem = drawn.some(({ kind }) => kind === 'warning' || kind === 'critical')
    expect(computeVerdict({ history, alerts, past: true, off: [] }) === 'problem').toBe(isProblem)
  },
)

function checkAlerts(state: AppState, whole: MonitorState, place: string): void {
  const isKnown = state.player!.alertsKnown
  const expected = whole.alerts.map(describeAlert).sort()
  const shown = state.alerts.map(describeAlert).sort()
  if (isKnown) expect(shown, place).toEqual(expected)
  else expect(expected, place).toEqual(expect.arrayContaining(shown))
  const view = drawView(state, 'alerts')
  if (!isKnown) expect(view, place).toMatch(/not known yet/)
  if (expected.length > 0) expect(view, place).not.toContain('no alerts in this session')
}

function checkHeader(state: AppState, whole: MonitorState, place: string): void {
  const header = drawView(state, 'overview').split('\n')[0]!
  const active = whole.alerts.filter(({ resolvedAt }) => resolvedAt === undefined)
  if (/no alerts/.test(header)) expect(active.map(describeAlert), `${place}: ${header}`).toEqual([])
  const lastKill = getCorrelatedKills(whole.history).at(-1)
  const [, said] = /last OOM kill: (.*?)(?: {2}|$)/.exec(header) ?? []
  if (said === undefined || said === 'not known yet') return
  if (lastKill) expect(said, place).toBe(formatAge(whole.history.time - lastKill.time))
  else expect(said, place).toMatch(/none/)
}

function checkKills(state: AppState, whole: MonitorState, place: string): void {
  const describe = (history: MonitorState['history']): readonly string[] =>
    getCorrelatedKills(history).map(({ time, kill }) => `${Math.round(time)} ${kill?.victim.pid}`)
  expect(describe(whole.history), place).toEqual(expect.arrayContaining(describe(state.history) as string[]))
  if (describe(whole.history).length > 0) expect(drawView(state, 'oom'), place).not.toMatch(/no OOM kills(?! yet: )/i)
}

function checkNumbers({ monitor: { history } }: Shown, { history: whole }: MonitorState, place: string): void {
  expect(history.time, place).toBe(whole.time)
  checkValues(history, whole, place)
}

// Where something was not read: one page in four, and at the next time the next ones.
function checkPages({ monitor, player }: Shown, whole: MonitorState, { place, turn }: Turn): void {
  const known = { monitor: whole, player: { ...player, exact: true, alertsKnown: true, progress: 1 } }
  const [state, wholeState] = [toAppState({ monitor, player }), toAppState(known)]
  const pages = listNamedPages(wholeState, 2).filter((_, i) => (i + turn) % 4 === 0)
  for (const { name, open } of pages) {
    const page = open(wholeState)
    const shown = open(state)
    // what cannot be opened yet leaves the list, with the page of its row beside or below
    const known = [page, updateState(page, { type: 'back' }), ...openPreviewed(shown, wholeState)]
    const claims = [...known.flatMap(listWholeClaims), ...listChartClaims(shown, whole.history)]
    expectNoContradiction(shown, claims, `${name} ${place}`)
  }
  for (const panel of ['oom', 'alerts'] as const)
    if (listNames(panel, wholeState).length > 0)
      expect(openNamed(panel, 'no such name', state), `${panel} ${place}`).not.toMatch(/there is no/)
}

// What a list shows below its rows, as the whole recording has it: the page of a row, or its charts where no alert names a row.
function openPreviewed(shown: AppState, whole: AppState): readonly AppState[] {
  const { focus, cursor } = shown.ui
  const key = findDefaultRow(getPanel(focus), shown)
  const alerts = shown.alerts.map(alert => ({ ...alert, title: '', text: '' })) // they decide which charts, and claim nothing
  const list = updateState({ ...whole, alerts }, { type: 'view', panel: focus })
  const page = { ...list, alerts: whole.alerts }
  const views = key === undefined ? [list] : [list, updateState(page, { type: 'detail', key })]
  return views.map(view => updateState(view, { type: 'cursor', time: cursor }))
}

// What the charts of a view say, which are drawn where its page has none yet: the value at the cursor, by the whole recording.
function listChartClaims({ ui: { focus, cursor } }: AppState, whole: History): readonly (readonly string[])[] {
  const graphs = focus === 'overview' ? undefined : getPanel(focus).graphs
  if (typeof graphs !== 'function') return []
  return graphs(whole).map(({ name, series, format }) => {
    const value = getValueAt(series, cursor ?? whole.time)
    return [...name.split(' '), ...(value === undefined ? [] : format.format(value).split(' '))]
  })
}

const listNames = (panel: 'oom' | 'alerts', state: AppState): readonly string[] =>
  panel === 'oom' ? listKillNames(state) : listAlertNames(state)

function checkValues(history: History, whole: History, place: string): void {
  const toSizes = ({ slabinfo }: History) => slabinfo.caches.map(({ key, bytes, numObjs }) => [key, bytes, numObjs])
  const toUsage = ({ cgroups }: History) => [...cgroups.cgroups.values()].map(({ path, current }) => [path, current])
  expect(Object.fromEntries(history.meminfo.values), place).toEqual(Object.fromEntries(whole.meminfo.values))
  expect(toSizes(history), place).toEqual(toSizes(whole))
  expect(toUsage(history).sort(), place).toEqual(toUsage(whole).sort())
  expect(history.vmstat.counters.oom_kill, place).toBe(whole.vmstat.counters.oom_kill)
  expect(history.cgroups.dying, place).toBe(whole.cgroups.dying)
}

// Every event that is drawn is one of the recording; and the keys stop at the next one, or say that it is not known.
function checkTimeline(player: Player, events: readonly TimelineEvent[], place: string): void {
  expect(events.map(describeEvent), place).toEqual(expect.arrayContaining(player.status.events.map(describeEvent)))
  const { at } = player.status
  for (const by of [1, -1] as const) {
    player.execute({ type: 'go', time: at })
    player.execute({ type: 'event', by })
    const target = player.event
    const isBetween = ({ time }: TimelineEvent): boolean =>
      by > 0 ? time > at && time < (target?.time ?? Infinity) : time < at && time > (target?.time ?? -Infinity)
    if (!target) expect(player.status.at, place).toBe(at)
    if (target || /^no /.test(player.eventMessage))
      expect(events.filter(isBetween).map(describeEvent), `${place} ${by}: ${player.eventMessage}`).toEqual([])
  }
}
