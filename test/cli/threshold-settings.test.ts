// --set: thresholds on the command line.
import { expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'
import { resolveThresholds } from '../../src/cli/config.ts'
import { applySettings } from '../../src/cli/threshold-settings.ts'

test('--set overrides the config file', () => {
  const config = applySettings({ detectors: { 'slab-growth': { criticalHours: 3, warningLevel: 0.2 } } }, [
    'slab-growth.criticalHours=12',
  ])
  expect(resolveThresholds(config)['slab-growth']).toMatchObject({
    criticalHours: 12,
    warningLevel: 0.2,
    criticalLevel: 0.25,
  })
})

test.each([
  ['slab-growth.critcalHours=12', 'did you mean slab-growth.criticalHours?'],
  ['slabgrowth.criticalHours=12', 'did you mean slab-growth?'],
  ['near.limit=1', 'unknown key near; expected oom-kill'],
  ['slab-growth.criticalHours=soon', 'expected a number, got soon'],
  ['slab-growth.criticalHours=-1', '-1'],
  ['criticalHours=12', 'expected DETECTOR.THRESHOLD=NUMBER'],
  ['slab-growth.criticalHours', 'expected DETECTOR.THRESHOLD=NUMBER'],
])('%s gets an error that says what was expected', (setting, words) => {
  expect(() => applySettings({}, [setting])).toThrow(words)
})

test.each(['', 'check', 'record -o /x', 'replay /x'])('kmemtop %s accepts --set more than once', command => {
  const words = command.split(' ').filter(Boolean)
  const line = parseCommandLine([...words, '--set', 'reclaim.stalls=9', '--set', 'slab-growth.criticalHours=1'], '0')
  expect(line?.options).toMatchObject({ set: ['reclaim.stalls=9', 'slab-growth.criticalHours=1'] })
})
