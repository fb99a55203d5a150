// An execution of a load test whose memory is at its trough all the time.
import type { Iteration } from '../../src/loadtest/observations.ts'
import type { QuantityMap } from '../../src/loadtest/quantities.ts'

/** Builds the execution that begins at `begin`, runs for five seconds and has settled after `length`, all in ms. */
export const buildIteration = (begin: number, length: number, trough: QuantityMap): Iteration => ({
  begin,
  end: begin + 5000,
  settledAt: begin + length,
  unsettled: [],
  exitCode: 0,
  lasted: 0,
  trough,
  peak: trough,
})
