// Series of kills: a process that is killed repeatedly, in the log and in every counter, is counted right.
import { describe, expect, test } from 'vitest'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { getCorrelatedKills } from '../../src/detectors/oom/oom-correlation.ts'
import { oomKill } from '../../src/detectors/oom/oom-kill.ts'
import type { History, Reading } from '../../src/history.ts'
import { buildHistory } from '../fixtures.ts'
import {
  createLaterReading,
  createLogReading,
  createV2Events,
  createV2Tree,
  createVmstatReading,
  formatReport,
} from './kills.ts'

const SECOND = 1000

/** A kill every `step` ms, `count` times; samples every second at everything. */
function loop(count: number, step: number): History {
  const readings: Reading[] = [createLogReading(0, ''), createVmstatReading(0, 0), createV2Tree(0, '/pod', '/pod/c1')]
  const end = Math.ceil((count * step) / SECOND) * SECOND
  let kills = 0
  for (let sample = SECOND; sample <= end; sample += SECOND) {
    let text = ''
    for (; kills < count && (kills + 1) * step <= sample; kills++)
      text += formatReport((kills + 1) * step - 5, { pid: 1000 + kills })
    readings.push(
      createLogReading(sample, text),
      createVmstatReading(sample + 20, kills),
      createV2Events(sample + 20, { '/pod': kills, '/pod/c1': kills }),
    )
  }
  return buildHistory([...readings, createLaterReading(end + 9 * SECOND)])
}

describe.each([
  [20, 10 * SECOND],
  [100, SECOND],
  [60, 500],
  [300, 100],
  [450, SECOND],
])('%i kills, one every %i ms', (count, step) => {
  const history = loop(count, step)

  test('are counted exactly, each with its victim', () => {
    const kills = getCorrelatedKills(history)
    expect(kills.reduce((sum, seen) => sum + seen.count, 0)).toBe(count)
    expect(kills.filter(({ kill }) => kill === null)).toEqual([])
  })
})

describe('700 kills, more than are kept with their victim', () => {
  test.each([250, SECOND, 2 * SECOND])(
    'one every %i ms: no alert claims that the log does not name the victim',
    step => {
      const findings = oomKill.detect(loop(700, step), defaultThresholds['oom-kill'])
      expect(findings.map(({ summary }) => summary).filter(text => /somewhere|does not tell/.test(text))).toEqual([])
    },
  )
})
