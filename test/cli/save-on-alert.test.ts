// --save-on-alert: when it orders a recording, when it ends it, and that it leaves alone what somebody else records.
import { expect, test } from 'vitest'
import { createStore, type Store } from '../../src/app/store.ts'
import { saveOnAlert } from '../../src/cli/save-on-alert.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import type { RecorderStatus } from '../../src/recording/recorder.ts'
import { fullState, idlePlayer } from '../playback/states.ts'

const MINUTE = 60_000
interface Stage {
  readonly orders: readonly string[]
  recorder(status: RecorderStatus): void
  red(minute: number): void
  calm(minute: number): void
}

function stage(): Stage {
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
    red: minute => at(minute, fullState.alerts),
    calm: minute => at(minute, []),
  }
}

const recording = (path: string): RecorderStatus => ({ file: { path, since: 0, bytes: 1 } })

test('records when an alert fires, and ends when it was calm for 15 minutes', () => {
  const { orders, red, calm, recorder } = stage()
  calm(1)
  expect(orders).toEqual([])
  red(2)
  recorder(recording('/saved/a.kmem'))
  red(3)
  calm(17)
  expect(orders).toEqual(['record /saved'])
  calm(19)
  expect(orders).toEqual(['record /saved', 'stop-recording'])
})

test('what is recorded already goes on: it is neither taken over nor ended when all is calm', () => {
  const { orders, red, calm, recorder } = stage()
  recorder(recording('/own.kmem'))
  red(2)
  calm(19)
  expect(orders).toEqual([])
})

test('what was ended by hand does not begin again, and what was begun by hand after it is not ended', () => {
  const { orders, red, calm, recorder } = stage()
  red(2)
  recorder(recording('/saved/a.kmem'))
  recorder({})
  red(3)
  recorder(recording('/own.kmem'))
  calm(19)
  expect(orders).toEqual(['record /saved'])
  recorder({})
  red(20)
  expect(orders).toEqual(['record /saved', 'record /saved'])
})
