// Files of the program that are loaded by name: beside its main file, or inside the single executable.
import { readFileSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The single executable's own files, or undefined where the program is not one. */
function getExecutable(): { getAsset(name: string, encoding: string): string } | undefined {
  const sea = process.getBuiltinModule?.('node:sea')
  return sea?.isSea() ? sea : undefined
}

const getName = (url: URL): string => basename(fileURLToPath(url))

/** Reads a text file of the program. */
export function readProgramFile(url: URL): string {
  return getExecutable()?.getAsset(getName(url), 'utf8') ?? readFileSync(url, 'utf8')
}

/** Starts a worker of the program. */
export function startProgramWorker(url: URL, options: WorkerOptions): Worker {
  const text = getExecutable()?.getAsset(getName(url), 'utf8')
  if (text !== undefined) return new Worker(text, { ...options, eval: true })
  return new Worker(url, { ...options, env: getWorkerEnv() })
}

// A worker takes the cache of compiled code from its environment only. The folder's last part is the version of Node.
function getWorkerEnv(): NodeJS.ProcessEnv {
  const folder = getCompileCacheDir?.()
  return folder === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(folder) }
}
