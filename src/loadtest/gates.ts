// Gates: what fails a load test (`--fail-on oom,leak,growth=200M,pressure=5%`), besides its verdict.
import { formatBytes, formatPercent, formatPlural } from '../base/format.ts'
import type { QuantityRow } from './rows.ts'
import type { RunVerdict } from './verdict.ts'

/** A condition under which a run fails: what `--fail-on` takes. */
export type Gate =
  | { readonly kind: 'oom' }
  | { readonly kind: 'leak' }
  /** bytes that a kind of memory may have grown from before the run to its end */
  | { readonly kind: 'growth'; readonly limit: number }
  /** share of the run that all tasks may have stalled on memory, 0 to 1 */
  | { readonly kind: 'pressure'; readonly limit: number }

/** `failed` is null when the gate cannot be evaluated. */
export interface GateResult {
  readonly gate: Gate | { readonly kind: 'baseline' }
  readonly failed: boolean | null
  /** what was measured, against what limit */
  readonly detail: string
}

/** What a run fails on without `--fail-on`. */
export const defaultGates: readonly Gate[] = [{ kind: 'oom' }, { kind: 'leak' }]

/** Share of the run that some or all tasks stalled on memory, 0 to 1; null: the kernel has no PSI. */
export interface PressureShares {
  readonly some: number | null
  readonly full: number | null
}

/** Why pressure is unknown. */
export const NO_PRESSURE = 'unknown: the kernel has no pressure stall information (PSI), or nothing was executed'

interface GateInput {
  readonly verdict: RunVerdict
  readonly rows: readonly QuantityRow[]
  readonly kills: number
  readonly pressure: PressureShares
}

/** Returns for each gate whether it passes, and why. */
export const evaluateGates = (gates: readonly Gate[], input: GateInput): readonly GateResult[] =>
  gates.map(gate => ({ gate, ...evaluateGate(gate, input) }))

type GateOutcome = Omit<GateResult, 'gate'>

function evaluateGate(gate: Gate, { verdict, rows, kills, pressure }: GateInput): GateOutcome {
  switch (gate.kind) {
    case 'oom':
      return { failed: kills > 0, detail: kills === 0 ? 'no OOM kill' : formatPlural(kills, 'OOM kill') }
    case 'leak':
      return { failed: verdict.outcome === 'cannot tell' ? null : verdict.outcome === 'leaks', detail: verdict.summary }
    case 'growth':
      return evaluateGrowth(gate.limit, rows)
    case 'pressure':
      return evaluatePressure(gate.limit, pressure.full)
  }
}

function evaluateGrowth(limit: number, rows: readonly QuantityRow[]): GateOutcome {
  const memory = rows.filter(({ group, judged }) => group === 'memory' && judged !== undefined)
  if (memory.length === 0) return { failed: null, detail: 'no kind of memory was measured before and after' }
  const largest = memory.reduce((a, b) => (b.remains > a.remains ? b : a))
  const detail = `${largest.name} ended ${formatBytes(Math.max(0, largest.remains))} above the start, limit ${formatBytes(limit)}`
  return { failed: largest.remains > limit, detail }
}

function evaluatePressure(limit: number, full: number | null): GateOutcome {
  if (full === null) return { failed: null, detail: NO_PRESSURE }
  const detail = `all tasks stalled on memory ${formatPercent(full)} of the time, limit ${formatPercent(limit)}`
  return { failed: full > limit, detail }
}
