// Stopping and continuing: Ctrl-Z, kill -TSTP from outside, and what follows kill -STOP. The terminal is given back before the
// process stops, and taken again when it continues.
import { yieldToEventLoop } from '../sampling/clock.ts'
import type { JobControl } from '../ui/app.tsx'

/** Follows SIGTSTP and SIGCONT until `end` is called. */
export function followJobControl(): JobControl & { end(): void } {
  let notify: (request: 'suspend' | 'redraw') => void = () => {}
  let isStopping = false
  const handleStop = (): void => notify('suspend')
  const handleContinue = (): void => {
    if (!isStopping) notify('redraw') // it was stopped by SIGSTOP: the shell has used the terminal meanwhile
  }
  process.on('SIGTSTP', handleStop)
  process.on('SIGCONT', handleContinue)
  return {
    subscribe: listener => {
      notify = listener
      return () => {
        notify = () => {}
      }
    },
    stopProcess: () => {
      isStopping = true
      process.off('SIGTSTP', handleStop) // without a handler the signal stops the process
      process.kill(0, 'SIGTSTP')
      process.on('SIGTSTP', handleStop)
      void yieldToEventLoop()
        .then(yieldToEventLoop)
        .then(() => {
          isStopping = false
        })
    },
    end: () => {
      process.off('SIGTSTP', handleStop)
      process.off('SIGCONT', handleContinue)
    },
  }
}
