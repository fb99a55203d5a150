// The host over a shell: the same answers as the local host, in every shell of this machine, and with little there.
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testUnless } from '../../helpers/test-unless.ts'
import { catchCode, expectSameAsLocal, makeNode } from './same-as-local.ts'
import { missingShells, shells, withRemoteHost } from './shells.ts'

if (missingShells.length > 0) console.warn(`not on this machine, not tested: ${missingShells.join(', ')}`)

describe.each(shells)('over %s', shell => {
  test('files, directories and links are those of the local host', () => expectSameAsLocal(shell))

  test('the kernel log comes as it grows, and each record once', () => {
    const root = makeNode()
    withRemoteHost({ command: shell, root }, (host, thread) => {
      let text = ''
      const drainUntil = (end: string): void => {
        for (const begun = thread.now(); !text.includes(end) && thread.now() - begun < 10_000; thread.nap(5)) {
          host.link.beginSample(['/proc/meminfo'])
          text += host.drainDevice('/dev/kmsg')
        }
      }
      drainUntil('two')
      appendFileSync(join(root, 'dev/kmsg'), '3,3,30,-;three\n')
      drainUntil('three')
      expect(text).toBe('6,1,10,-;one\n SUB=1\n6,2,20,-;two\n3,3,30,-;three\n')
    })
  })

  test('nothing is left when the pipe is closed', async () => {
    const mark = `kmt-via-${process.pid}-${shell.replace(/\W/g, '')}`
    withRemoteHost({ command: `KMT_MARK=${mark} ${shell}` }, host => {
      host.drainDevice('/dev/kmsg')
      expect(listMarked(mark)).not.toEqual([])
    })
    await expect.poll(() => listMarked(mark)).toEqual([])
  })
})

const listMarked = (mark: string): readonly string[] =>
  execFileSync('/bin/sh', ['-c', `grep -lsa KMT_MARK=${mark} /proc/[0-9]*/environ || :`], { encoding: 'utf8' })
    .split('\n')
    .filter(path => path !== '')

const findTool = (name: string): string =>
  spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()

/** Puts a program with its libraries into a root directory of its own. */
function copyProgram(root: string, program: string, name: string): void {
  const { stdout = '' } = spawnSync('ldd', [program], { encoding: 'utf8' })
  for (const path of stdout.match(/\/\S+/g) ?? []) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    copyFileSync(path, join(root, path))
  }
  copyFileSync(program, join(root, name))
  spawnSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3'])
}

describe('in a root directory with nothing but', () => {
  const reason = process.getuid?.() === 0 ? undefined : 'chroot needs root'
  const expectFiles = (command: string): void => {
    withRemoteHost({ command }, host => {
      host.link.beginSample(['/proc/meminfo', '/proc/backslash', '/proc/absent'])
      expect(host.readFile('/proc/meminfo')).toBe('MemTotal: 8 kB\n')
      expect(host.readFile('/proc/backslash')).toBe('pod\\x2d1 %s \\n "quoted" $HOME `id`\n')
      expect(catchCode(() => host.readFile('/proc/absent'))).toBe('ENOENT')
      expect([...host.listSubdirectories('/sys/fs/cgroup')].sort()).toEqual(
        [' lead', '$HOME', '*', '-n', 'a', 'back\\x2dslash', "quote'd", 'two words', '\xc3\xa9'].sort(),
      )
      expect(host.readFile('/sys/fs/cgroup/a/deep/memory.x')).toBe('a/deep\n')
    })
  }

  testUnless(reason ?? (findTool('busybox') === '' ? 'busybox is not here' : undefined))('a busybox', () => {
    const root = makeNode()
    copyProgram(root, findTool('busybox'), 'busybox')
    expectFiles(`chroot ${root} /busybox sh`)
  })

  testUnless(reason ?? (findTool('dash') === '' ? 'dash is not here' : undefined))(
    'a shell: it says what is missing',
    () => {
      const root = makeNode()
      copyProgram(root, findTool('dash'), 'sh')
      expectFiles(`chroot ${root} /sh`)
      withRemoteHost({ command: `chroot ${root} /sh` }, (host, { statuses }) => {
        expect(catchCode(() => host.drainDevice('/dev/kmsg'))).toBe('ENOSYS')
        expect(statuses[0]!.missing.join('\n')).toMatch(
          /no head:.*\n.*no stat.*\n.*no find.*\n.*no ls.*\n.*no cat: the kernel log/,
        )
      })
    },
  )
})

test('what is not there has the code of the local host', () => {
  const root = makeNode()
  rmSync(join(root, 'dev/kmsg'))
  withRemoteHost({ command: 'sh', root }, host => {
    expect(catchCode(() => host.drainDevice('/dev/kmsg'))).toBe('ENOENT')
    expect(catchCode(() => host.statFile('/sys/fs/nothing'))).toBe('ENOENT')
    expect(catchCode(() => host.statFile('/sys/fs/cgroup/nothing'))).toBe('ENOENT')
  })
})

test('watchers learn of a created or removed cgroup when the counts of the kernel change', () => {
  const root = makeNode()
  writeFileSync(join(root, '/proc/cgroups'), 'memory 1 3 1\n')
  withRemoteHost({ command: 'sh', root }, (host, { now, nap }) => {
    host.statFile('/sys/fs/cgroup')
    host.link.beginSample([])
    const changed: string[] = []
    host.watchDirectory('/sys/fs/cgroup', name => changed.push(name))
    mkdirSync(join(root, '/sys/fs/cgroup/new'))
    rmSync(join(root, '/sys/fs/cgroup/two words'), { recursive: true })
    writeFileSync(join(root, '/proc/cgroups'), 'memory 1 4 1\n')
    for (const begun = now(); changed.length === 0 && now() - begun < 30_000; nap(20)) host.link.beginSample([])
    expect(changed.sort()).toEqual(['new', 'two words'])
    expect(host.listSubdirectories('/sys/fs/cgroup')).toContain('new')
  })
})
