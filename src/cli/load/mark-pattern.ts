// `--mark-pattern`: lines of the command's output become marks. A pattern that takes too long is given up, not waited for.
import { createContext, Script } from 'node:vm'
import { limitMarks } from '../live/mark-file.ts'

const MAX_TIME = 200 // milliseconds for the lines of one piece of output

/** Returns a function that marks those lines which match. */
export function createLineMarker(
  pattern: RegExp,
  mark: (text: string) => void,
  showProblem: (text: string) => void,
): (lines: readonly string[]) => void {
  const context = createContext({ lines: [] as readonly string[] })
  const script = new Script(
    `{ const p = new RegExp(${JSON.stringify(pattern.source)}, 'u'); lines.filter(l => p.test(l)) }`,
  )
  const markLimited = limitMarks(mark)
  let isGivenUp = false
  return lines => {
    if (isGivenUp || lines.length === 0) return
    context.lines = lines
    try {
      // V8 stops even a pattern that backtracks for hours
      for (const line of script.runInContext(context, { timeout: MAX_TIME }) as readonly string[])
        markLimited(line.trim())
    } catch {
      isGivenUp = true
      showProblem(
        `--mark-pattern ${pattern.source}: took more than ${MAX_TIME} ms for a few lines; no further line is marked`,
      )
    }
  }
}
