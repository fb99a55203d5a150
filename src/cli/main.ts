// The program's entry: runs the command that the command line names, and ends with its exit code.
import packageJson from '../../package.json' with { type: 'json' }
import { getErrorMessage, UserError } from '../base/errors.ts'
import { yieldToEventLoop } from '../sampling/clock.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import { logToStderr } from './stderr.ts'

const VERSION_OPTIONS: ReadonlySet<string> = new Set(['-V', '--version'])

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && VERSION_OPTIONS.has(argv[0]!)) return printVersion()
  const { parseCommandLine } = await import('./command-line.ts')
  const line = parseCommandLine(argv, packageJson.version)
  if (line) return line.command.run(line.files, line.options)
  exitWhenOutputCloses() // help or the version was printed
  return EXIT.ok
}

// Without loading the command line.
function printVersion(): number {
  exitWhenOutputCloses()
  process.stdout.write(`${packageJson.version}\n`)
  return EXIT.ok
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    const text = getErrorMessage(error)
    const lines = text.split('\n')
    logToStderr(...(error instanceof UserError ? lines : [`internal error: ${lines[0]}`, ...lines.slice(1)]))
    return EXIT.usage
  })
  // A worker that hangs in the kernel must not keep the program; output that a slow reader has not taken yet must.
  .then(code => process.stdout.write('', () => yieldToEventLoop().then(() => process.exit(code))))
