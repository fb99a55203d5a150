// Keeps compiled code between two starts: $XDG_CACHE_HOME/kmemtop. Its files are executed, so nobody else may be able to write there.
import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'

/** Enables the cache for what is loaded from now on. A home that cannot be written, or that others can write, is no error. */
export function keepCompiledCode(env: NodeJS.ProcessEnv): void {
  try {
    const named = getCacheFolder(env)
    mkdirSync(named, { recursive: true, mode: 0o700 })
    const folder = realpathSync(named)
    if (isOwnOnly(folder)) enableCompileCache?.(folder) // Bun has none
  } catch {
    // the start takes longer
  }
}

function getCacheFolder({ XDG_CACHE_HOME: caches = '' }: NodeJS.ProcessEnv): string {
  return join(isAbsolute(caches) ? caches : join(homedir(), '.cache'), 'kmemtop')
}

/** Returns whether only this user and root can replace what is in a folder. @param folder an absolute path without links */
export function isOwnOnly(folder: string): boolean {
  const { uid, mode } = statSync(folder)
  const isOwn = uid === process.getuid?.() || uid === 0
  const isSticky = (mode & 0o1000) !== 0 // in /tmp nobody can replace the folder of another user
  if (!isOwn || ((mode & 0o022) !== 0 && !isSticky)) return false
  return dirname(folder) === folder || isOwnOnly(dirname(folder))
}
