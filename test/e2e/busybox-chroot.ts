// A shell in a root directory with nothing but busybox and what the kernel shows.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const FILE_SYSTEMS = ['proc', 'sys', 'dev']

/** Why there can be none; undefined when it can. */
export function canChroot(): string | undefined {
  if (spawnSync('busybox', ['true']).error) return 'no busybox: apt-get install busybox-static'
  if (spawnSync('unshare', ['-m', 'chroot', '/', '/bin/true']).status !== 0) return 'mounts of our own need root'
  return undefined
}

/** The command of the shell. The mounts go with its end. */
export function buildChrootCommand(): string {
  const root = createTemporaryFolder()
  copyFileSync(execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim(), join(root, 'busybox'))
  for (const name of FILE_SYSTEMS) mkdirSync(join(root, name))
  const mounts = FILE_SYSTEMS.map(name => `mount --rbind /${name} ${join(root, name)}`).join(' && ')
  const enter = join(root, 'enter')
  writeFileSync(enter, `${mounts} && exec chroot ${root} /busybox sh\n`)
  return `exec unshare -m sh ${enter}`
}
