// Observer: turns the growing history of a load test into observations, phase by phase.
import type { History } from '../history.ts'
import { type CounterValues, type Iteration, mergeExtremes, type Observations } from './observations.ts'
import { type MeasuringPlan, measureQuantities, type QuantityMap } from './quantities.ts'
import { listUnsettled } from './settling.ts'

/** Milliseconds after which what a cgroup under test holds has been read again: `WATCHED_PERIOD` of its schedule. */
const CGROUP_PERIOD = 1000
const MAX_CONTROL = 600 // snapshots; a longer control period keeps every second one

/** Collects snapshots of one run. Call `add` after each sample, and the phases in their order. */
export class RunObserver {
  private readonly plan: MeasuringPlan
  private control: CounterValues[] = []
  private controlStep = 1
  private controlCount = 0
  private readonly iterations: Iteration[] = []
  private current:
    | {
        begin: number
        end?: number
        exitCode: number
        lasted: number
        peak: QuantityMap
        settle: CounterValues[]
        isRead: boolean
      }
    | undefined
  private latest: CounterValues | undefined

  constructor(plan: MeasuringPlan) {
    this.plan = plan
  }

  /** Takes a snapshot of the newest readings into the current phase. */
  add(history: History): void {
    const snapshot = { time: history.time, quantities: measureQuantities(history, this.plan) }
    this.latest = snapshot
    if (!this.current) {
      if (this.iterations.length === 0) this.addToControl(snapshot)
      return
    }
    this.current.peak = mergeExtremes(this.current.peak, snapshot.quantities, 'most')
    if (this.current.end === undefined) return
    this.current.settle.push(isReadAfter(history, this.current.end) ? snapshot : dropCgroups(snapshot))
    if (this.plan.scope.length === 0 || isReadAfter(history, this.current.end)) this.current.isRead = true
  }

  /** Whether the cgroups under test were read since the command ended: on a busy node they are read less often. */
  hasReadAll(): boolean {
    return this.current?.isRead ?? false
  }

  private addToControl(snapshot: CounterValues): void {
    if (this.controlCount++ % this.controlStep !== 0) return
    this.control.push(snapshot)
    if (this.control.length <= MAX_CONTROL) return
    this.control = this.control.filter((_, i) => i % 2 === 0)
    this.controlStep *= 2
  }

  startIteration(time: number): void {
    const peak = this.latest?.quantities ?? new Map()
    this.current = { begin: time, exitCode: 0, lasted: 0, peak, settle: [], isRead: false }
  }

  /** @param lasted milliseconds that the command took */
  endCommand(time: number, exitCode: number, lasted: number): void {
    if (this.current) this.current = { ...this.current, end: time, exitCode, lasted }
  }

  /** Whether everything that goes back has gone back since the command ended. */
  hasSettled(): boolean {
    return this.hasReadAll() && this.listUnsettled(this.current?.settle ?? [])?.length === 0
  }

  /** Ends the settle. One that was cut short before its first sample has the last sample of the command as its trough. */
  endSettle(time: number): void {
    const { current } = this
    this.current = undefined
    if (current?.end === undefined) return
    const { begin, end, exitCode, lasted, peak, settle } = current
    const late = settle.filter(snapshot => snapshot.time >= end + (time - end) / 2)
    const lastSnapshots = late.length > 0 || !this.latest ? late : [this.latest]
    const maps = lastSnapshots.map(({ quantities }) => quantities)
    const last = maps.at(-1)
    if (!last) return
    const least = maps.reduce((a, b) => mergeExtremes(a, b, 'least'))
    // only what is still there: a cgroup that was removed during the settle holds nothing at its end
    const trough = new Map([...least].filter(([id]) => last.has(id)))
    const unsettled = this.listUnsettled(settle)
    this.iterations.push({ begin, end, settledAt: time, unsettled, exitCode, lasted, trough, peak })
  }

  private listUnsettled(settle: readonly CounterValues[]): readonly string[] | undefined {
    return listUnsettled(settle, this.control.at(-1)?.quantities)
  }

  getObservations(warmup: number): Observations {
    return { control: this.control, iterations: this.iterations, warmup, scope: this.plan.scope }
  }
}

// Where no cgroups can be read there is nothing to wait for. A sample in which nothing changed is one: a quiet service stays as it was.
function isReadAfter({ sources }: History, end: number): boolean {
  const readAt = sources.cgroups?.okAt ?? null
  return readAt === null || readAt >= end + CGROUP_PERIOD
}

// Values that were read before the command ended do not belong to the settle.
const dropCgroups = ({ time, quantities }: CounterValues): CounterValues => ({
  time,
  quantities: new Map([...quantities].filter(([, { group }]) => group !== 'cgroup')),
})
