// The built program, started as a user starts it.
import { fileURLToPath } from 'node:url'
import { openTerminal, type Terminal } from '../helpers/terminal.ts'

export const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
export const PROGRAM = process.env.KMEMTOP_TEST_PROGRAM ?? fileURLToPath(new URL('../../bin/kmemtop', import.meta.url))
export const WORKER = new URL('../../dist/worker.js', import.meta.url)

export interface StartOptions {
  readonly columns?: number
  readonly rows?: number
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly keepBytes?: boolean
}

/** The program in a terminal, with its first frame drawn. */
export async function startProgram({
  columns = 120,
  rows = 40,
  args = [],
  ...rest
}: StartOptions = {}): Promise<Terminal> {
  const terminal = await openTerminal({ command: PROGRAM, args: [...args], columns, rows, ...rest })
  await terminal.waitFor(/LIVE/)
  return terminal
}

/** Starts, runs the test, and ends the program whatever happens. */
export async function runProgram(start: StartOptions, run: (terminal: Terminal) => Promise<void>): Promise<void> {
  const terminal = await startProgram(start)
  try {
    await run(terminal)
  } finally {
    await terminal.close()
  }
}
