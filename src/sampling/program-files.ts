// Files of the program that are loaded by name: beside its main file, or inside the single executable.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
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
  return text === undefined ? new Worker(url, options) : new Worker(text, { ...options, eval: true })
}
