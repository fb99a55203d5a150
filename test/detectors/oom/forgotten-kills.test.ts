// OOM kills before the session that only the kernel's counter knows.
import { expect, test } from 'vitest'
import { countForgottenKills, describeForgottenKills } from '../../../src/detectors/oom/forgotten-kills.ts'
import { buildHistory } from '../../fixtures.ts'
import { createLogReading, createVmstatReading, formatReport } from '../kills.ts'

test('kills since boot without a record are counted, those of the log and of the session are not', () => {
  const start = [createLogReading(0, formatReport(10)), createVmstatReading(0, 42)]
  const later = [createLogReading(1500, formatReport(1400)), createVmstatReading(1600, 44)]
  expect(countForgottenKills(buildHistory(start))).toBe(41)
  expect(countForgottenKills(buildHistory([...start, ...later]))).toBe(41)
  expect(describeForgottenKills(buildHistory(start))).toBe(
    '41 of 42 OOM kills since boot: no record in the kernel log that was read, so when and which process is not known',
  )
})

test('the sentence says so if the kernel log was not read', () => {
  expect(describeForgottenKills(buildHistory([createVmstatReading(0, 1)]))).toBe(
    '1 OOM kill since boot: the kernel log was not read, so when and which process is not known',
  )
})

test('there are none if each kill has its record, and none are claimed of a recording that was read in part', () => {
  const all = buildHistory([createLogReading(0, formatReport(10)), createVmstatReading(0, 1)])
  expect(describeForgottenKills(all)).toBeUndefined()
  const part = buildHistory([createLogReading(0, ''), createVmstatReading(0, 42)])
  expect(countForgottenKills({ ...part, knownSince: 0 })).toBe(0)
})
