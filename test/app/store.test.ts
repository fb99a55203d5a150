// The store: the one variable of the program.
import { expect, test } from 'vitest'
import { type AppAction, createInitialState } from '../../src/app/state.ts'
import { createStore } from '../../src/app/store.ts'
import { getAlertKey, listActiveBySeverity } from '../../src/detectors/alerts.ts'
import type { Reading } from '../../src/history.ts'
import { createLogReading, formatReport } from '../detectors/kills.ts'
import { buildHistory } from '../fixtures.ts'
import { emptyState, fullState } from '../playback/states.ts'

test('an action changes the state and notifies listeners until they unsubscribe', () => {
  const store = createStore(emptyState)
  const reported: boolean[] = []
  const leave = store.subscribe(() => reported.push(store.get().ui.help))
  store.dispatch({ type: 'help' })
  store.dispatch({ type: 'help' })
  leave()
  store.dispatch({ type: 'help' })
  expect(reported).toEqual([true, false])
  expect(store.get().ui.help).toBe(true)
})

test('a listener can unsubscribe while it is notified', () => {
  const store = createStore(emptyState)
  const reported: string[] = []
  const leave = store.subscribe(() => {
    reported.push('a')
    leave()
  })
  store.subscribe(() => reported.push('b'))
  store.dispatch({ type: 'help' })
  store.dispatch({ type: 'help' })
  expect(reported).toEqual(['a', 'b', 'b'])
})

test('readings of a sample become visible together, and actions in between are kept', () => {
  const store = createStore(createInitialState(buildHistory([])))
  const sample = (time: number, free: number): AppAction => ({
    type: 'readings',
    readings: [{ time, collector: 'meminfo', files: { '/proc/meminfo': `MemTotal: 9 kB\nMemFree: ${free} kB\n` } }],
  })
  const free = (): number | undefined => store.get().history.meminfo.values.get('MemFree')
  store.dispatch(sample(1000, 1))
  store.prepare({ type: 'readings', readings: [{ time: 2000, collector: 'slabinfo', files: {}, error: 'EACCES: no' }] })
  store.prepare(sample(2000, 2) as AppAction & { type: 'readings' })
  store.dispatch({ type: 'help' })
  store.dispatch({ type: 'identity', text: 'here' })
  expect([free(), store.get().history.sources.slabinfo]).toEqual([1024, undefined])
  store.dispatch(sample(3000, 3))
  expect([free(), store.get().history.time, store.get().ui.help, store.get().identity]).toEqual([
    3072,
    3000,
    true,
    'here',
  ])
  expect(store.get().history.sources.slabinfo?.error).toBe('slabinfo: no (EACCES)')
})

test('an alert that is acknowledged while a sample is applied stays acknowledged', () => {
  const store = createStore(fullState)
  const time = fullState.history.time + 1000
  const acknowledged = (): number => store.get().alerts.filter(alert => alert.acknowledgedAt !== undefined).length
  const nothing: Reading = { time, collector: 'names', files: {} }
  store.prepare({ type: 'readings', readings: [nothing] })
  store.dispatch({ type: 'acknowledge' })
  store.dispatch({ type: 'readings', readings: [nothing] })
  expect([acknowledged(), store.get().history.time]).toEqual([1, time])
})

test('an acknowledgement during a sample covers only visible alerts, not those that the sample raises', () => {
  const kill = (time: number, pod: string): Reading =>
    createLogReading(time, formatReport(time, { oomMemcg: pod, taskMemcg: pod }))
  const loudAfter = (pod: string): readonly string[] => {
    const store = createStore(emptyState)
    store.dispatch({ type: 'readings', readings: [kill(1000, '/a')] })
    store.prepare({ type: 'readings', readings: [kill(2000, pod)] })
    store.dispatch({ type: 'acknowledge' })
    expect(listActiveBySeverity(store.get().alerts)).toEqual([])
    store.dispatch({ type: 'readings', readings: [createLogReading(3000, '')] })
    return listActiveBySeverity(store.get().alerts).map(getAlertKey)
  }
  expect(loudAfter('/b')).toEqual(['oom-kill /b'])
  expect(loudAfter('/a')).toEqual(['oom-kill /a'])
})

test('an acknowledgement that is taken back while a sample is applied stays taken back', () => {
  const store = createStore(fullState)
  store.dispatch({ type: 'acknowledge' })
  const { time } = store.get().history
  const uptime = (at: number): AppAction & { type: 'readings' } => ({
    type: 'readings',
    readings: [{ time: at, collector: 'uptime', files: { '/proc/uptime': '900200.00 1.00\n' } }],
  })
  store.prepare(uptime(time + 1000))
  store.dispatch({ type: 'undo-acknowledge' })
  store.dispatch(uptime(time + 1000))
  expect(store.get().alerts.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined)).toEqual([])
})
