// The host over a shell: the same answers as the local host, in every shell of this machine, and with little there.
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, copyFileSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Host } from '../../../src/collectors/collector.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { testUnless } from '../../helpers/test-unless.ts'
import { missingShells, shells, withRemoteHost } from './shells.ts'

if (missingShells.length > 0) console.warn(`not on this machine, not tested: ${missingShells.join(', ')}`)

function makeNode(): string {
  const root = createTemporaryFolder()
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text, 'latin1')
  }
  write('/proc/uptime', '77.5 1\n')
  write('/proc/meminfo', 'MemTotal: 8 kB\n')
  write('/proc/noend', 'a\n\n==> /etc/passwd <==\nno newline at the end')
  write('/proc/backslash', 'pod\\x2d1 %s \\n "quoted" $HOME `id`\n')
  write('/proc/sys/kernel/random/boot_id', 'boot-1\n')
  write('/dev/kmsg', '6,1,10,-;one\n SUB=1\n6,2,20,-;two\n')
  write('/sys/fs/cgroup/memory.x', '0\n')
  for (const name of ['a', 'a/deep', 'two words', ' lead', 'back\\x2dslash', '*', '-n', '$HOME', "quote'd", '\xe9'])
    write(`/sys/fs/cgroup/${name}/memory.x`, `${name}\n`)
  write('/sys/fs/cgroup/line\nbreak/memory.x', 'odd\n')
  symlinkSync('a', join(root, '/sys/fs/cgroup/link'))
  write('/sys/kernel/slab/dentry/reclaim_account', '1\n')
  symlinkSync('dentry', join(root, '/sys/kernel/slab/alias'))
  return root
}

const readTree = (host: Host, path: string): Readonly<Record<string, number>> => ({
  [path]: host.statFile(path).inode,
  ...Object.assign({}, ...host.listSubdirectories(path).map(name => readTree(host, `${path}/${name}`))),
})

const catchCode = (call: () => unknown): string => {
  try {
    return `gave ${JSON.stringify(call())}`
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

function expectSameAsLocal(command: string): void {
  const root = makeNode()
  const local = createLocalHost(root)
  withRemoteHost({ command, root }, (host, { statuses }) => {
    host.link.beginSample(['/proc/meminfo', '/proc/noend', '/proc/absent', '/proc/backslash'])
    for (const path of ['/proc/meminfo', '/proc/noend', '/proc/backslash', '/sys/fs/cgroup/a/deep/memory.x'])
      expect(host.readFile(path), path).toBe(local.readFile(path))
    expect(catchCode(() => host.readFile('/proc/absent'))).toBe('ENOENT')
    const { '/sys/fs/cgroup/line\nbreak': odd, ...known } = readTree(local, '/sys/fs/cgroup') as Record<string, number>
    expect(odd).toBeGreaterThan(0)
    expect(readTree(host, '/sys/fs/cgroup')).toEqual(known)
    host.link.beginSample(['/proc/meminfo'])
    const leftOut = statuses.at(-1)!.missing.filter(text => text.includes('line break'))
    const counts = statSync(join(root, '/sys/fs/cgroup')).nlink > 2 && host.connection.hello.stat !== ''
    expect(leftOut).toEqual(counts ? ['1 cgroup left out, with all below: a line break in the name'] : [])
    const files = Object.keys(known).map(path => `${path}/memory.x`)
    host.link.prefetch(files)
    for (const path of files) expect(host.readFile(path), path).toBe(local.readFile(path))
    expect([...host.listDirectory('/sys/kernel/slab/')].sort()).toEqual(['alias', 'dentry'])
    expect(host.readLink('/sys/kernel/slab/alias')).toBe('dentry')
    expect(host.readLink('/sys/kernel/slab/dentry')).toBeUndefined()
    expect(catchCode(() => host.listDirectory('/no/such/'))).toBe('ENOENT')
  })
  local.close()
}

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
