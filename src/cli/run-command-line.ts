// Runs the command that the command line names, and ends the process with its exit code.
import packageJson from '../../package.json' with { type: 'json' }
import { getErrorMessage, UserError } from '../base/errors.ts'
import { EXIT, endProcess, exitWhenOutputCloses, flushOutput } from './exit.ts'
import { logToStderr } from './stderr.ts'

async function run(argv: readonly string[]): Promise<number> {
  const { parseCommandLine } = await import('./command-line.ts')
  const line = parseCommandLine(argv, packageJson.version)
  if (line) return line.command.run(line.files, line.options)
  exitWhenOutputCloses() // help or the version was printed
  return EXIT.ok
}

/** Runs the command line of this process. Nothing comes after it: the process ends. */
export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const code = await run(argv).catch((error: unknown) => {
    const text = shortenWords(getErrorMessage(error), argv)
    const lines = text.split('\n')
    logToStderr(...(error instanceof UserError ? lines : [`internal error: ${lines[0]}`, ...lines.slice(1)]))
    return EXIT.usage
  })
  process.stdout.on('error', () => {}) // a command that failed before it wrote anything has no handler
  await flushOutput()
  await endProcess(code)
}

const MAX_WORD = 200 // characters

/** Shortens what an error repeats of the command line: a word of it may have a megabyte. */
export function shortenWords(text: string, argv: readonly string[]): string {
  const values = argv.flatMap(word => [word, word.replace(/^--[a-z-]+=/, '')])
  return values
    .filter(({ length }) => length > MAX_WORD)
    .reduce((shorter, word) => shorter.replaceAll(word, `${word.slice(0, MAX_WORD)}…`), text)
}
