// --save-on-alert: when it starts and stops a recording, and that it leaves a recording started by hand alone.
import { expect, test } from 'vitest'
import { createStore, type Store } from '../../../src/app/store.ts'
import { saveOnAlert } from '../../../src/cli/live/save-on-alert.ts'
import type { Alert } from '../../../src/detectors/alerts.ts'
import type { RecorderStatus } from '../../../src/recording/recorder.ts'
import { fullState, idlePlayer } from '../../playback/states.ts'

const MINUTE = 60_000
interface Scene {
  readonly orders: readonly string[]
  recorder(status: RecorderStatus): void
  raiseCritical(minute: number): void
  calm(minute: number): void
}

function createScene(): Scene {
  const store: Store = createStore({ ...fullState, alerts: [] })
  const orders: string[] = []
  saveOnAlert('/saved', {}, store, {
    sendCommand: order => void orders.push(order.type === 'record' ? `record ${order.target}` : order.type),
  })
  const at = (minute: number, alerts: readonly Alert[]): void =>
    store.dispatch({
      type: 'played',
      monitor: { history: { ...fullState.history, time: minute * MINUTE }, alerts },
      player: idlePlayer,
    })
  return {
    orders,
    recorder: status => store.dispatch({ type: 'recorder', status }),
    raiseCritical: minute => at(minute, fullState.alerts),
    calm: minute => at(minute, []),
  }
}

const recording = (path: string): RecorderStatus => ({ file: { path, since: 0, bytes: 1 } })

test('a critical alert starts a recording, and 15 calm minutes stop it', () => {
  const { orders, raiseCritical, calm, recorder } = createScene()
  calm(1)
  expect(orders).toEqual([])
  raiseCritical(2)
  recorder(recording('/saved/a.kmem'))
  raiseCritical(3)
  calm(17)
  expect(orders).toEqual(['record /saved'])
  calm(19)
  expect(orders).toEqual(['record /saved', 'stop-recording'])
})

test('a recording that runs already is neither taken over nor stopped', () => {
  const { orders, raiseCritical, calm, recorder } = createScene()
  recorder(recording('/own.kmem'))
  raiseCritical(2)
  calm(19)
  expect(orders).toEqual([])
})

test('a recording stopped by hand does not start again, and one started by hand is not stopped', () => {
  const { orders, raiseCritical, calm, recorder } = createScene()
  raiseCritical(2)
  recorder(recording('/saved/a.kmem'))
  recorder({})
  raiseCritical(3)
  recorder(recording('/own.kmem'))
  calm(19)
  expect(orders).toEqual(['record /saved'])
  recorder({})
  raiseCritical(20)
  expect(orders).toEqual(['record /saved', 'record /saved'])
})
