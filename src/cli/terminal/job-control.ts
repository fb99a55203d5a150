// Stopping and continuing: Ctrl-Z, kill -TSTP from outside, and what follows kill -STOP. The terminal is given back before the
// process stops, and taken again when it continues.
import { yieldToEventLoop } from '../../sampling/clock.ts'
import type { JobControl } from '../../ui/app.tsx'
import type { MouseReports } from './mouse.ts'

/** Follows SIGTSTP and SIGCONT until `end` is called. The mouse is off while the process is stopped. */
export function followJobControl(mouse: MouseReports): JobControl & { end(): void } {
  let notify: (request: 'suspend' | 'redraw') => void = () => {}
  let isStopping = false
  const handleStop = (): void => notify('suspend')
  const handleContinue = (): void => {
    if (isStopping) return
    mouse.turnOff()
    mouse.turnOn() // another program may have turned it off
    notify('redraw') // it was stopped by SIGSTOP: the shell has used the terminal meanwhile
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
      mouse.turnOff()
      process.off('SIGTSTP', handleStop) // without a handler the signal stops the process
      process.kill(0, 'SIGTSTP')
      process.on('SIGTSTP', handleStop)
      mouse.turnOn()
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
