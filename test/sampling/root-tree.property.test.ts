// Property: whatever the files below --root hold, each source is read or reports why not, and the state is JSON and a screen.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { collectorIds } from '../../src/collectors/index.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState } from '../../src/detectors/monitor-state.ts'
import { toStateJson } from '../../src/export/state-json.ts'
import { createSampler } from '../../src/sampling/sampler.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { readFixture, session } from '../fixtures.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../helpers/check-property.ts'
import { createHost, createInstantClock } from './fake-host.ts'

const PEN = createPen({ level: 0, ascii: false })
const CGROUP = '/sys/fs/cgroup'
const REAL = [
  '/proc/meminfo',
  '/proc/vmstat',
  '/proc/slabinfo',
  '/proc/buddyinfo',
  '/proc/uptime',
  '/proc/pressure/memory',
  '/proc/net/sockstat',
  '/proc/cgroups',
  '/proc/1/mountinfo',
].map(path => [path, readFixture('6.18', path)] as const)
const OTHER = [
  '/proc/swaps',
  '/proc/zoneinfo',
  '/proc/vmallocinfo',
  '/proc/allocinfo',
  '/proc/spl/kstat/zfs/arcstats',
  '/proc/sys/net/ipv4/tcp_mem',
  '/dev/kmsg',
  `${CGROUP}/cgroup.stat`,
  `${CGROUP}/cgroup.controllers`,
  `${CGROUP}/memory.stat`,
  `${CGROUP}/memory.events`,
]

const NUMBERS = ['-1', '9007199254740993', '18446744073709551616', '9'.repeat(400), '1e400', 'nan', '', '0x10', '\0']
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.nat().map(String))
const words = fc.array(
  fc.oneof(number, fc.constantFrom('some', 'Node', 'kB', ':', '\n', 'memory', 'zone', '4,1,1,-;')),
  {
    maxLength: 30,
  },
)
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  words.map(list => list.join(' ')),
)
/** A real text in which numbers are replaced. */
const realFile = fc
  .tuple(fc.constantFrom(...REAL), fc.array(number, { minLength: 1, maxLength: 5 }), fc.nat({ max: 40 }))
  .map(([[path, text], numbers, every]) => {
    let i = 0
    const change = (digits: string): string => (i++ % (every + 1) === 0 ? numbers[i % numbers.length]! : digits)
    return [path, text.replace(/\d+/g, change)] as const
  })
const anyFile = fc.tuple(fc.constantFrom(...OTHER, ...REAL.map(([path]) => path)), anyText)

/** Files that failed once. */
const FOUND: (readonly (readonly [string, string])[])[] = [
  [['/proc/meminfo', `MemTotal: ${'9'.repeat(44)} kB\nMemFree: ${'9'.repeat(44)} kB\n`]],
  [['/dev/kmsg', '4,1,1,-;a\n4,99999999999999999999,1,-;b\n']],
]

test(
  'a tree with any texts',
  () => {
    const files = fc.array(fc.oneof(realFile, anyFile), { minLength: 1, maxLength: 8 })
    checkProperty(
      files as fc.Arbitrary<readonly (readonly [string, string])[]>,
      list => {
        const clock = createInstantClock()
        const host = createHost(Object.fromEntries(list))
        const samplers = collectorIds.map(id => createSampler(id, host, clock, { interval: 1000 }))
        let monitor = createMonitorState(session)
        for (let i = 0; i < 2; i++) {
          for (const sampler of samplers) monitor = applyReading(monitor, sampler.sample(false), defaultThresholds)
          clock.spend(1000)
        }
        const json = JSON.stringify(toStateJson(monitor.history, monitor.alerts))
        expect(json.length).toBeLessThan(5_000_000)
        const lines = renderFrameText({ ...createInitialState(monitor.history), ...monitor }, PEN, 120, 40)
        expect(lines.join('')).not.toMatch(/\p{Cc}|NaN|undefined|\[object/u)
      },
      FOUND,
    )
  },
  PROPERTY_TIMEOUT,
)
