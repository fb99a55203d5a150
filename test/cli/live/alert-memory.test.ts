// Alerts that outlive the program: the file, its bounds, and what comes back from it.
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createStore } from '../../../src/app/store.ts'
import { getAlertFile, loadAlerts, rememberAlerts } from '../../../src/cli/live/alert-memory.ts'
import { createStateFolder, getStateFolder } from '../../../src/cli/state-folder.ts'
import type { RecordingHeader } from '../../../src/collectors/collector.ts'
import { type Alert, getAlertKey, listActiveBySeverity } from '../../../src/detectors/alerts.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { applyActions, fullState } from '../../playback/states.ts'

const { session } = fullState.history
// the next run begins an hour later
const HOUR = 3_600_000
const next: RecordingHeader = {
  ...session,
  wallClock: session.wallClock + HOUR,
  ...(session.monotonic === undefined ? {} : { monotonic: session.monotonic + HOUR }),
}

function openMemory(): { readonly folder: string; readonly path: string } {
  const folder = join(createTemporaryFolder(), 'kmemtop')
  createStateFolder(folder)
  return { folder, path: getAlertFile(folder, session)! }
}

function remember(path: string): void {
  const store = createStore(fullState)
  const end = rememberAlerts(path, store)
  store.dispatch({ type: 'acknowledge' })
  end()
}

test('alerts come back in the time of the next run, and acknowledgements with them', () => {
  const { path } = openMemory()
  remember(path)
  const alerts = loadAlerts(path, next)
  expect(alerts.map(getAlertKey)).toEqual(fullState.alerts.map(getAlertKey))
  const [old, moved] = [fullState.alerts[0]!, alerts[0]!]
  expect(moved.raisedAt).toBe(old.raisedAt - HOUR)
  expect(alerts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)).toHaveLength(1)
  // nothing is claimed to go on that this run has not found
  expect(alerts.filter(alert => alert.kind === 'condition' && alert.overAt === undefined && !alert.resolvedAt)).toEqual(
    [],
  )
})

test('an alert ended when it was last found, not when the next run began', () => {
  const { path } = openMemory()
  const condition = fullState.alerts.find(({ kind, resolvedAt }) => kind === 'condition' && resolvedAt === undefined)!
  const load = (alert: Alert): Alert => {
    const store = createStore(fullState)
    const end = rememberAlerts(path, store)
    store.dispatch({ type: 'remembered', alerts: [alert] })
    end()
    return loadAlerts(path, next).find(({ subject }) => subject === alert.subject)!
  }
  const { overAt: _, ...held } = { ...condition, seenAt: 50_000, subject: 'held' }
  expect(load(held)).toMatchObject({ overAt: 50_000 - HOUR, seenAt: 0 })
  expect(load({ ...held, subject: 'over', overAt: 40_000 })).toMatchObject({
    overAt: 40_000 - HOUR,
    seenAt: 50_000 - HOUR,
  })
})

test('the file and its folder are private', () => {
  const { folder, path } = openMemory()
  remember(path)
  expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600])
  expect(readdirSync(folder)).toHaveLength(1)
  expect(createStateFolder(folder)).toBe(false)
})

test.each([
  ['that others can write into', (folder: string) => chmodSync(folder, 0o777)],
  ['of another user', (folder: string) => chownSync(folder, 12_345, 12_345)],
  [
    'that is a link of another user',
    (folder: string) => {
      renameSync(folder, `${folder}.real`)
      symlinkSync(`${folder}.real`, folder)
      lchownSync(folder, 12_345, 12_345)
    },
  ],
])('a folder %s is neither read nor written', (name, spoil) => {
  if (process.getuid?.() !== 0 && !name.includes('others')) return
  const { folder, path } = openMemory()
  remember(path)
  expect(loadAlerts(path, session).length).toBeGreaterThan(0)
  spoil(folder)
  expect(loadAlerts(path, session)).toEqual([])
  rmSync(path)
  remember(path)
  expect(readdirSync(folder)).toEqual([])
})

test('an alert that is found again keeps its acknowledgement; what is not found ends', () => {
  const { path } = openMemory()
  remember(path)
  const state = applyActions(fullState, { type: 'remembered', alerts: loadAlerts(path, session) })
  const acknowledged = state.alerts.find(({ acknowledgedAt }) => acknowledgedAt !== undefined)!
  const { time } = fullState.history
  const text = { '/proc/uptime': '900200.00 1.00\n' }
  const after = applyActions(state, {
    type: 'readings',
    readings: [{ time: time + 1, collector: 'uptime', files: text }],
  })
  const found = after.alerts.find(alert => getAlertKey(alert) === getAlertKey(acknowledged))
  expect(found?.acknowledgedAt).toBe(acknowledged.acknowledgedAt)
  expect(listActiveBySeverity(after.alerts).map(getAlertKey)).not.toContain(getAlertKey(acknowledged))
})

test('alerts of another boot or node, of a file that is damaged, foreign or too large, are none', () => {
  const { path } = openMemory()
  remember(path)
  const good = readFileSync(path, 'utf8')
  expect(loadAlerts(path, { ...next, bootId: 'other' })).toEqual([])
  expect(loadAlerts(path, { ...next, host: 'other' })).toEqual([])
  for (const bad of [
    '',
    '{',
    'null',
    '[]',
    '{"alerts":3}',
    good.replace(/"raisedAt":/g, '"raisedAt":"x",":'),
    `${good}${' '.repeat(2 ** 20)}`,
  ]) {
    writeFileSync(path, bad)
    expect(loadAlerts(path, next)).toEqual([])
  }
  writeFileSync(path, good)
  chmodSync(path, 0o666)
  expect(loadAlerts(path, next)).toEqual([])
  chmodSync(path, 0o600)
  symlinkSync(path, `${path}.link`)
  expect(loadAlerts(`${path}.link`, next)).toEqual([])
  expect(loadAlerts(path, next)).not.toEqual([])
})

test('a file has a bound, and so has their number', () => {
  const { folder, path } = openMemory()
  const alerts = Array.from({ length: 500 }, (_, i) => ({
    ...fullState.alerts[0]!,
    subject: `${i}`,
    summary: 'x'.repeat(20_000),
  }))
  for (let i = 0; i < 30; i++) {
    writeFileSync(join(folder, `alerts-node-${i}.json`), '{}')
    utimesSync(join(folder, `alerts-node-${i}.json`), i, i)
  }
  const store = createStore(fullState)
  const end = rememberAlerts(path, store)
  store.dispatch({ type: 'remembered', alerts })
  end()
  expect(statSync(path).size).toBeLessThanOrEqual(2 ** 20)
  expect(loadAlerts(path, next).at(-1)?.subject).toBe('499')
  expect(readdirSync(folder)).toHaveLength(20)
})

test('names of nodes cannot lead out of the folder; without a boot id nothing is kept', () => {
  expect(getAlertFile('/s', { ...session, host: '../../etc/x', bootId: 'b/../c' })).toBe(
    '/s/alerts-.._.._etc_x-b_.._c.json',
  )
  expect(getAlertFile('/s', { ...session, bootId: '' })).toBeUndefined()
  expect(getStateFolder({ XDG_STATE_HOME: '/x' })).toBe('/x/kmemtop')
})

test('a home that cannot be written changes nothing', () => {
  const folder = createTemporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  expect(createStateFolder(join(folder, 'file/kmemtop'))).toBe(false)
  expect(() => remember(join(folder, 'file/kmemtop/alerts.json'))).not.toThrow()
  mkdirSync(join(folder, 'directory.json'))
  expect(() => remember(join(folder, 'directory.json'))).not.toThrow()
  expect(loadAlerts(join(folder, 'directory.json'), session)).toEqual([])
})
