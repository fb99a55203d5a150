// The program's entry: the command line to the command that does it. Each command is loaded when it is wanted.
import packageJson from '../../package.json' with { type: 'json' }
import { UserError } from '../base/errors.ts'
import { escapeControls } from '../base/text.ts'
import { yieldToEventLoop } from '../sampling/clock.ts'
import { parseCommandLine } from './command-line.ts'
import { EXIT, exitWhenOutputCloses } from './exit.ts'
import { runLive } from './live.ts'
import type { CommandLine } from './options.ts'

function runCommand(line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'live':
      return runLive(line.options)
    case 'record':
      return import('./record.ts').then(({ runRecord: record }) => record(line.options))
    case 'replay':
      return import('./replay.ts').then(({ runReplay: replay }) => replay(line.files[0]!, line.options))
    case 'info':
      return import('./info.ts').then(({ runInfo: info }) => info(line.files[0]!, line.options))
    case 'dump':
      return import('./dump.ts').then(({ runDump: dump }) => dump(line.files[0]!, line.options))
    case 'cut':
      return import('./cut.ts').then(({ runCut: cut }) => cut(line.files[0]!, line.options))
    case 'redact':
      return import('./redact.ts').then(({ runRedact: redact }) => redact(line.files[0]!, line.options))
    case 'diff':
      return import('./diff.ts').then(({ runDiff: diff }) => diff(line.files, line.options))
    case 'check':
      return import('./check.ts').then(({ runCheck: check }) => check(line.files[0], line.options))
    case 'analyze':
      return import('./analyze.ts').then(({ runAnalyze: analyze }) => analyze(line.files, line.options))
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv, packageJson.version)
  if (line) return runCommand(line)
  exitWhenOutputCloses() // help or the version were printed
  return EXIT.fine
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    process.stderr.write(`kmemtop: ${formatError(error)}\n`)
    return EXIT.usage
  })
  // A worker that hangs in the kernel must not keep us; what a slow reader has not taken yet must.
  .then(code => process.stdout.write('', () => yieldToEventLoop().then(() => process.exit(code))))

function formatError(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map(escapeControls).join('\n')
  return error instanceof UserError ? lines : `stopped by an error of its own: ${lines}`
}
