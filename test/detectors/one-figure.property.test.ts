// Over random histories: banner, row and pages never disagree about the rate, the level and the time left of an alert.
import { expect, test } from 'vitest'
import { createInitialState } from '../../src/app/state.ts'
import { formatDuration, formatSignedBytes } from '../../src/base/format.ts'
import type { Alert } from '../../src/detectors/alerts.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { applyReading, createMonitorState, type MonitorState } from '../../src/detectors/monitor-state.ts'
import { buildMemoryDetail } from '../../src/panels/memory/detail.ts'
import { buildMemoryView } from '../../src/panels/memory/rows.ts'
import { drawBanner } from '../../src/ui/banner.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { session } from '../fixtures.ts'
import { createRandom } from '../seeded-random.ts'
import { createMeminfo, GiB, HOUR, MINUTE, MiB } from './readings.ts'

const pen = createPen({ level: 0, ascii: false })
const [HISTORIES, LENGTH] = [24, 3 * HOUR]
/** alerts with a rate and with a time left that were compared */
const compared = { rates: 0, ends: 0, level: 0 }

type Curve = (time: number) => number

// Leaks that accelerate, stop, pause or are given back, steps, saw-teeth, noise.
function drawCurve(random: () => number): Curve {
  const rate = (0.05 * GiB * 100 ** random()) / HOUR
  const [turn, noise] = [random() * LENGTH, random() * 20 * MiB]
  const period = 5 * MINUTE + random() * HOUR
  const curves: readonly Curve[] = [
    time => rate * time,
    time => rate * Math.min(time, turn),
    time => (rate * time * time) / LENGTH,
    time => (time < turn ? rate * time : rate * Math.max(0, 2 * turn - time)),
    time => (time < turn ? 0 : rate * HOUR),
    time => rate * (time % period),
    time => rate * Math.floor(time / period) * period,
    () => 0,
  ]
  const curve = curves[Math.floor(random() * curves.length)]!
  return time => Math.min(38 * GiB, Math.max(0, curve(time) + (random() - 0.5) * noise))
}

function checkAlert(alert: Alert, { history, alerts }: MonitorState): void {
  const state = { ...createInitialState(history), alerts }
  const row = buildMemoryView(history, alerts, 99).rows.find(({ name }) => name === alert.subject)
  if (!row || !alert.forecast) return
  const { perHour, timeLeft } = row
  const [banner] = drawBanner({ ...state, alerts: [alert] }, pen, 400, 1)
  const says = (text: string): void => {
    expect(alert.summary).toContain(text)
    expect(banner).toContain(text)
  }
  if (perHour) compared.rates++
  if (timeLeft !== undefined) compared.ends++
  if (/no longer growing|level for/.test(alert.summary)) compared.level++
  if (perHour !== undefined && perHour > 0) says(`${formatSignedBytes(perHour)}/h`)
  if (timeLeft !== undefined) says(`~${formatDuration(timeLeft)}`)
  if (timeLeft === undefined) expect(alert.summary).not.toContain('no memory left in')
  if (/no longer growing/.test(alert.summary)) expect([perHour, timeLeft]).toEqual([0, undefined])
  const evidence = new Map(alert.evidence.map(({ name, value }) => [name, value]))
  if (perHour !== undefined && evidence.has('growth per hour')) expect(evidence.get('growth per hour')).toBe(perHour)
  if (evidence.has('time left')) expect(evidence.get('time left') ?? undefined).toBe(timeLeft)
  const page = new Map(buildMemoryDetail(state, alert.subject)?.facts)
  const end = timeLeft === undefined ? undefined : `~${formatDuration(timeLeft)} at this rate`
  const [shown] = page.get('memory runs out in')?.split(': with less than') ?? []
  expect(shown).toBe(end)
}

test.each(Array.from({ length: HISTORIES }, (_, i) => i + 1))(
  'banner, alert and page of history %i have one figure',
  seed => {
    const random = createRandom(seed)
    const [slab, tables, stacks, other] = [drawCurve(random), drawCurve(random), drawCurve(random), drawCurve(random)]
    let monitor = createMonitorState({ ...session, monotonic: 4 * HOUR })
    const step = random() < 0.5 ? MINUTE : 3 * MINUTE
    for (let time = 0; time <= LENGTH; time += step) {
      const [SUnreclaim, PageTables, KernelStack] = [slab(time), tables(time) / 4, stacks(time) / 4]
      const used = SUnreclaim + PageTables + KernelStack + other(time)
      const MemAvailable = Math.max(GiB / 4, 40 * GiB - used)
      const MemFree = Math.max(GiB / 8, 30 * GiB - used)
      const lines = { SUnreclaim: GiB + SUnreclaim, PageTables, KernelStack, MemAvailable, MemFree }
      monitor = applyReading(monitor, createMeminfo(time, lines), defaultThresholds)
      for (const alert of monitor.alerts)
        if (alert.resolvedAt === undefined && alert.overAt === undefined) checkAlert(alert, monitor)
    }
  },
)

test('the histories had alerts of every kind', () => {
  expect(Math.min(...Object.values(compared))).toBeGreaterThan(20)
})
