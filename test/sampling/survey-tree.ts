// A tree with the files of /proc that a survey reads.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '../helpers/temporary.ts'

export interface FakeProcess {
  readonly name: string
  readonly links?: readonly string[]
  readonly threads?: number
  readonly pageTables?: number
  readonly cgroup?: string
  readonly kernelThread?: true
}

/** Builds it; the process that has a descriptor of inotify watches two files with it. */
export function buildTree(processes: Readonly<Record<number, FakeProcess>>): string {
  const root = createTemporaryFolder()
  for (const [
    pid,
    { name, links = [], threads = 1, pageTables = 40, cgroup = '0::/a\n', kernelThread },
  ] of Object.entries(processes)) {
    const folder = join(root, 'proc', pid)
    mkdirSync(join(folder, 'fd'), { recursive: true })
    mkdirSync(join(folder, 'fdinfo'))
    const memory = kernelThread ? '' : `VmSize:\t   4000 kB\nVmPTE:\t   ${pageTables} kB\nRssShmem:\t 8 kB\n`
    writeFileSync(join(folder, 'status'), `Name:\t${name}\nFDSize:\t64\n${memory}Threads:\t${threads}\n`, 'latin1')
    writeFileSync(join(folder, 'cgroup'), cgroup)
    links.forEach((link, i) => {
      symlinkSync(link, join(folder, 'fd', String(i)))
      if (link.includes('inotify'))
        writeFileSync(join(folder, 'fdinfo', String(i)), 'pos:\t0\ninotify wd:2 ino:1\ninotify wd:1 ino:2\n')
    })
  }
  writeFileSync(
    join(root, 'proc', 'locks'),
    '1: POSIX  ADVISORY  WRITE 7 00:1a:12 0 EOF\n1: -> POSIX  ADVISORY  WRITE 8 00:1a:12 0 EOF\n2: FLOCK  ADVISORY  WRITE 7 00:1a:13 0 EOF\n',
  )
  mkdirSync(join(root, 'proc/sys/fs'), { recursive: true })
  writeFileSync(join(root, 'proc/sys/fs/file-nr'), '3424\t0\t9223372036854775807\n')
  return root
}

export const repeat = (count: number, link: string): readonly string[] => Array.from({ length: count }, () => link)
