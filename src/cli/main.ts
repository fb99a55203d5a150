// The program's entry. For the version nothing else is loaded.
import { writeSync } from 'node:fs'
import packageJson from '../../package.json' with { type: 'json' }
import { keepCompiledCode } from './compile-cache.ts'

const VERSION_OPTIONS: ReadonlySet<string> = new Set(['-V', '--version'])

// False: the output is a pipe that is full, or closed, or a full disk. What follows handles that.
function printVersion(): boolean {
  try {
    writeSync(1, `${packageJson.version}\n`)
    return true
  } catch {
    return false
  }
}

const argv = process.argv.slice(2)
const isVersion = argv.length === 1 && VERSION_OPTIONS.has(argv[0]!)
// not awaited: in the single executable this is no module
if (!(isVersion && printVersion())) {
  keepCompiledCode(process.env)
  void import('./run-command-line.ts').then(module => module.runCommandLine(argv))
}
