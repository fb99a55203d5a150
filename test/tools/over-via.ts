// Runs end-to-end tests of the local mode over --via, one way after another:
//   npm run test:via [-- [sh|busybox|nsenter|ssh]... [FILE OR OPTION OF VITEST]...]
// The tests stay as they are. They start a script that adds --via to the commands that sample.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openWays, type Way } from '../e2e/ways.ts'
import { createTemporaryFolder, removeTemporaryFolders } from '../helpers/temporary.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/kmemtop', import.meta.url))
const NAMES = ['oom', 'slab', 'leaks', 'cgroup', 'holders', 'burst', 'record', 'load-command', 'linear', 'terminal']
const FILES = NAMES.map(name => `test/e2e/${name}.test.ts`)
/** While it connects, the terminal belongs to the command, which may ask for a password: no frame is drawn before. */
const ONLY_LOCAL = 'a frame without data is there first'

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

const buildScript = (command: string): string => `#!/bin/sh
case $1 in
record | run) name=$1; shift; exec ${PROGRAM} "$name" --via ${quote(command)} "$@" ;;
check) shift; for word; do [ ! -f "$word" ] || exec ${PROGRAM} check "$@"; done
  exec ${PROGRAM} check --via ${quote(command)} "$@" ;;
[a-z]*) exec ${PROGRAM} "$@" ;;
*) exec ${PROGRAM} --via ${quote(command)} "$@" ;;
esac
`

async function runOver({ name, command }: Way, folder: string, words: readonly string[]): Promise<boolean> {
  const program = join(folder, `kmemtop-${name}`)
  writeFileSync(program, buildScript(command))
  chmodSync(program, 0o755)
  console.log(`\nover ${name}: ${command}`)
  const own = words.some(word => word.endsWith('.test.ts')) ? words : [...FILES, ...words]
  const pattern = words.includes('-t') ? [] : ['-t', `^(?!.*${ONLY_LOCAL})`]
  const child = spawn('vitest', ['run', ...own, ...pattern, '--maxWorkers', '1'], {
    stdio: 'inherit',
    env: { ...process.env, KMEMTOP_TEST_PROGRAM: program },
  })
  const [code] = await once(child, 'close')
  return code === 0
}

const folder = createTemporaryFolder()
const { ways, close } = await openWays()
try {
  const words = process.argv.slice(2)
  const isName = (word: string): boolean => ways.some(({ name }) => name === word)
  const rest = words.filter(word => !isName(word))
  const failed: string[] = []
  for (const way of ways.filter(({ name }) => !words.some(isName) || words.includes(name)))
    if (!(await runOver(way, folder, rest))) failed.push(way.name)
  console.log(failed.length === 0 ? '\npassed over each way' : `\nfailed over ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  await close()
  removeTemporaryFolders()
}
