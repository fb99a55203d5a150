// A machine and a clock that do what a test says: files that cost time, and time that passes only when it is asked for.
import type { Host } from '../../src/collectors/collector.ts'
import type { Clock } from '../../src/sampling/clock.ts'

/** A clock that jumps to where it is waited for; `spend` lets time pass. */
export function createInstantClock(start = 0): Clock & { spend(ms: number): void } {
  let time = start
  return {
    now: () => time,
    sleepUntil: async until => {
      time = Math.max(time, until)
    },
    spend: ms => {
      time += ms
    },
  }
}

type Text = string | (() => string)

/** A host of these files; a text may be a function that spends time or throws. Everything else is not there. */
export function createHost(files: Readonly<Record<string, Text>>): Host {
  const throwNotFound = (path: string): never => {
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' })
  }
  const read = (path: string): string => {
    const text = files[path] ?? throwNotFound(path)
    return typeof text === 'string' ? text : text()
  }
  return {
    processes: ['1', 'self'],
    readFile: read,
    drainDevice: read,
    listDirectory: throwNotFound,
    listSubdirectories: throwNotFound,
    statFile: throwNotFound,
    readLink: () => undefined,
    watchDirectory: () => undefined,
  }
}
