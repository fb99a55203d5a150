// Slab growth by empty files on tmpfs: each is an inode in shmem_inode_cache, which no reclaim can take back.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

/** The files, until `release()`. */
export interface GrownSlab {
  readonly cache: 'shmem_inode_cache'
  readonly files: number
  /** Removes the files; the kernel frees their objects a moment later. */
  release(): Promise<void>
}

const TMPFS = '/dev/shm'
const TMPFS_MAGIC = 0x01021994

/** Why `growSlab` cannot be had; undefined when it can. */
export function canGrowSlab({ files }: { readonly files: number } = { files: 1000 }): string | undefined {
  try {
    const { type, ffree } = statfsSync(TMPFS)
    if (type !== TMPFS_MAGIC) return `${TMPFS} is not a tmpfs`
    if (ffree < files) return `${TMPFS} has room for ${ffree} files, not ${files}`
    rmSync(mkdtempSync(join(TMPFS, 'kmt-probe-')), { recursive: true })
    return undefined
  } catch (error) {
    return `no files can be made in ${TMPFS}: ${(error as Error).message}`
  }
}

const MAKE = `const fs = require('fs')
const [directory, files] = process.argv.slice(1)
for (let i = 0; i < Number(files); i++) fs.closeSync(fs.openSync(directory + '/' + i, 'w'))`
const REMOVE = `require('fs').rmSync(process.argv[1], { recursive: true, force: true })`

/** In a process of its own: thousands of calls would stand in the way of what a test is watching. */
async function inChild(program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['-e', program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`making or removing files in ${TMPFS}: ended with ${signal ?? code}`)
}

/** Makes `files` empty files; some 0.75 KB of SUnreclaim each, 100,000 take a second. */
export async function growSlab({ files }: { readonly files: number }): Promise<GrownSlab> {
  const directory = mkdtempSync(join(TMPFS, `kmt-slab-${process.pid}-`))
  const onExit = () => rmSync(directory, { recursive: true, force: true })
  process.once('exit', onExit)
  const release = async () => {
    await inChild(REMOVE, directory)
    process.off('exit', onExit)
  }
  try {
    await inChild(MAKE, directory, String(files))
  } catch (error) {
    await release()
    throw error
  }
  return { cache: 'shmem_inode_cache', files, release }
}
