// A node with odd names, read over a command and on this machine.
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Host } from '../../../src/collectors/collector.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { withRemoteHost } from './shells.ts'

/** Writes a node with odd names and texts; returns its root. */
export function makeNode(): string {
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

/** The code of the error that a call throws. */
export const catchCode = (call: () => unknown): string => {
  try {
    return `gave ${JSON.stringify(call())}`
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
}

/** Reads that node over a command and on this machine: both give the same. */
export function expectSameAsLocal(command: string): void {
  const root = makeNode()
  const local = createLocalHost(root)
  withRemoteHost({ command, root }, (host, { statuses }) => {
    host.link.beginSample(['/proc/meminfo', '/proc/noend', '/proc/absent', '/proc/backslash'])
    for (const path of ['/proc/meminfo', '/proc/noend', '/proc/backslash', '/sys/fs/cgroup/a/deep/memory.x'])
      expect(host.readFile(path), path).toBe(local.readFile(path))
    expect(catchCode(() => host.readFile('/proc/absent'))).toBe('ENOENT')
    const isLeftOut = (path: string): boolean => (command === 'yash' ? /[^ -~]/ : /\n/).test(path)
    const all = Object.entries(readTree(local, '/sys/fs/cgroup'))
    const known = Object.fromEntries(all.filter(([path]) => !isLeftOut(path)))
    const odd = all.length - Object.keys(known).length
    expect(odd).toBe(command === 'yash' ? 2 : 1)
    expect(readTree(host, '/sys/fs/cgroup')).toEqual(known)
    host.link.beginSample(['/proc/meminfo'])
    const leftOut = statuses.at(-1)!.missing.filter(text => text.includes('left out'))
    const counts = statSync(join(root, '/sys/fs/cgroup')).nlink > 2 && host.connection.hello.stat !== ''
    expect(leftOut).toEqual(
      counts ? [expect.stringMatching(`^${odd} cgroups? left out, with all below: .* a line break$`)] : [],
    )
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
