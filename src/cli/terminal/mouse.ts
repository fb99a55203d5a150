// Reports of the mouse: presses and the wheel (mode 1000) in SGR form (1006). They are off again whatever ends the program.
import { writeSync } from 'node:fs'
import { isDumbTerminal, needsAsciiTerminal } from './terminal-type.ts'

const ON = '\x1b[?1000h\x1b[?1006h'
const OFF = '\x1b[?1006l\x1b[?1000l'

/** Whether the terminal has a mouse: the console of Linux and terminals of DEC have none. */
export const canReportMouse = (env: Readonly<Record<string, string | undefined>>): boolean =>
  !isDumbTerminal(env) && !needsAsciiTerminal(env)

/** Reports of the mouse, while the screen has the terminal. */
export interface MouseReports {
  turnOn(): void
  turnOff(): void
  /** turns them off for good */
  end(): void
}

/** Returns reports that are off until `turnOn`. Without a mouse nothing is ever written. */
export function createMouseReports(isWanted: boolean, write: (sequence: string) => void): MouseReports {
  let isOn = false
  const set = (on: boolean): void => {
    if (!isWanted || on === isOn) return
    isOn = on
    write(on ? ON : OFF)
  }
  const handleExit = (): void => {
    if (!isOn) return
    try {
      writeSync(1, OFF)
    } catch {
      // the terminal is gone, or takes nothing
    }
  }
  process.once('exit', handleExit)
  return {
    turnOn: () => set(true),
    turnOff: () => set(false),
    end: () => {
      set(false)
      process.off('exit', handleExit)
    },
  }
}
