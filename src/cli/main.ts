// The program's entry: the command line to the command that does it. Each command is loaded when it is wanted.
import packageJson from '../../package.json' with { type: 'json' }
import { UserError } from '../base/errors.ts'
import { escapeControls } from '../base/text.ts'
import { yieldToEventLoop } from '../sources/clock.ts'
import { EXIT, endWithOutput } from './exit.ts'
import { commandLine } from './grammar.ts'
import { live } from './live.ts'
import type { CommandLine } from './options.ts'

function run(line: CommandLine): Promise<number> {
  switch (line.command) {
    case 'live':
      return live(line.options)
    case 'record':
      return import('./record.ts').then(({ record }) => record(line.options))
    case 'replay':
      return import('./replay.ts').then(({ replay }) => replay(line.files[0]!, line.options))
    case 'info':
      return import('./info.ts').then(({ info }) => info(line.files[0]!, line.options))
    case 'dump':
      return import('./dump.ts').then(({ dump }) => dump(line.files[0]!, line.options))
    case 'cut':
      return import('./cut.ts').then(({ cut }) => cut(line.files[0]!, line.options))
    case 'redact':
      return import('./redact.ts').then(({ redact }) => redact(line.files[0]!, line.options))
    case 'diff':
      return import('./diff.ts').then(({ diff }) => diff(line.files, line.options))
    case 'check':
      return import('./check.ts').then(({ check }) => check(line.files[0], line.options))
    case 'analyze':
      return import('./analyze.ts').then(({ analyze }) => analyze(line.files, line.options))
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const line = commandLine(argv, packageJson.version)
  if (line) return run(line)
  endWithOutput() // help or the version were printed
  return EXIT.fine
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    process.stderr.write(`kmemtop: ${sentence(error)}\n`)
    return EXIT.usage
  })
  // A worker that hangs in the kernel must not keep us; what a slow reader has not taken yet must.
  .then(code => process.stdout.write('', () => yieldToEventLoop().then(() => process.exit(code))))

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map(escapeControls).join('\n')
  return error instanceof UserError ? lines : `stopped by an error of its own: ${lines}`
}
