// The single executable, in a root directory with nothing but the libraries it names.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect } from 'vitest'
import { skipUnlessFull } from '../full.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { testUnless } from '../helpers/test-unless.ts'

const binary = resolve('dist-binary', `kmemtop-linux-${process.arch}`)
const reason = skipUnlessFull() ?? (process.getuid?.() === 0 ? undefined : 'chroot needs root')

/** A root directory with the executable, its libraries, and this machine's /proc and /sys. */
function makeRoot(): string {
  const root = createTemporaryFolder()
  const libraries = execFileSync('ldd', [binary], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const path of libraries) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    copyFileSync(path, join(root, path))
  }
  copyFileSync(binary, join(root, 'kmemtop'))
  for (const name of ['proc', 'sys', 'dev', 'tmp']) mkdirSync(join(root, name))
  return root
}

describe('the executable', () => {
  beforeAll(() => {
    if (reason === undefined)
      execFileSync('npm', ['run', '-s', 'build:binary', '--', process.arch], { stdio: 'inherit' })
  })

  testUnless(reason)('samples, records and replays with nothing but the libraries it names', () => {
    const root = makeRoot()
    // the mounts are of this shell only
    const inside = (command: string) =>
      spawnSync(
        'unshare',
        [
          '-m',
          'sh',
          '-c',
          `mount --rbind /proc ${root}/proc && mount --rbind /sys ${root}/sys && exec chroot ${root} ${command}`,
        ],
        { encoding: 'utf8', timeout: 60_000 },
      )
    const { stdout, stderr } = inside('/kmemtop --once --json --kmsg off')
    expect(JSON.parse(stdout), stderr).toMatchObject({ memory: { MemTotal: expect.any(Number) } })
    const recorded = inside('/kmemtop record -q -o /tmp/a.kmem -n 3 -i 200ms --kmsg off')
    expect(recorded.status, recorded.stderr).toBe(0)
    expect(inside('/kmemtop info /tmp/a.kmem').stdout).toMatch(/duration/)
    expect(inside('/kmemtop replay /tmp/a.kmem --frame').stdout).toMatch(/kmemtop {2}\S+ +Linux/)
  })

  testUnless(reason)('has --via and the collector in it, and ignores NODE_OPTIONS', () => {
    const env = { ...process.env, NODE_OPTIONS: '--no-such-option' }
    const run = (...args: readonly string[]) => spawnSync(binary, args, { encoding: 'utf8', env, timeout: 60_000 })
    expect(run('collector').stdout).toMatch(/^#!\/bin\/sh\n/)
    expect(run('-b', '-n', '2', '-i', '200ms', '--via', 'sh').stdout).toMatch(/MemTotal/)
  })
})
