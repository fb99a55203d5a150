// Runs surveys one after the other in the worker thread, beside sampling.
import type { Reading } from '../../history.ts'
import { type Clock, yieldToEventLoop } from '../clock.ts'
import type { SurveyHost } from './survey-host.ts'
import { takeSurvey } from './take-survey.ts'

/**
 * Returns a function that starts a survey.
 * @param wake ends the wait of the sampling thread for a turn of the event loop; called for each slice of a survey
 */
export function createSurveyor(
  host: SurveyHost,
  clock: Clock,
  wake: () => void,
  deliver: (reading: Reading) => Promise<void>,
): (reason: string) => void {
  const pause = (): Promise<void> => {
    wake()
    return yieldToEventLoop()
  }
  let pending: Promise<void> = Promise.resolve()
  return reason => {
    pending = pending.then(async () => deliver(await takeSurvey(host, clock, reason, pause))).catch(() => {}) // the next may succeed
  }
}
