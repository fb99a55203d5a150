// What a process and its children cost: CPU of all threads, ended ones too, and resident memory, from /proc.
import { readdirSync, readFileSync } from 'node:fs'

/** Since the start of the processes; `rss` in bytes, now. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rss: number
  readonly processes: number
  readonly threads: number
}

const TICKS = 100 // of user space; the same on all architectures that Node runs on

/** The text of a file, empty when its process or thread has just ended. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

function listNames(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** /proc/PID/stat after the name, which may hold anything: field 3 of the manual is [0]. */
function readStatFields(pid: number): readonly string[] {
  return readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
}

/** CPU seconds of all children of this process that have ended, with their threads, in hundredths. */
export function measureEndedChildren(): number {
  const fields = readStatFields(process.pid)
  return (Number(fields[13]) + Number(fields[14])) / TICKS
}

/** `pid` and all that descend from it. */
function listProcessTree(pid: number): readonly number[] {
  const parents = listNames('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(readStatFields(Number(name))[1]) }))
  const found = [pid]
  for (const one of found) found.push(...parents.filter(({ parent }) => parent === one).map(child => child.pid))
  return found
}

/** Nanoseconds of the living threads, added up. */
function sumThreadTime(pid: number): { seconds: number; threads: number } {
  const threads = listNames(`/proc/${pid}/task`)
  const each = threads.map(thread => Number(readText(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]))
  return { seconds: each.reduce((sum, value) => sum + value, 0) / 1e9, threads: threads.length }
}

/**
 * schedstat is exact but knows only living threads; stat counts ended threads and children that were waited for,
 * cut to hundredths of a second. The larger of the two is the truth, or within 0.02 s of it.
 */
function measureProcess(pid: number): Usage {
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = readStatFields(pid).slice(11, 15).map(Number)
  const { seconds, threads } = sumThreadTime(pid)
  const own = Math.max(seconds, (user + system) / TICKS)
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
  return { cpuSeconds: own + (childUser + childSystem) / TICKS, rss, processes: 1, threads }
}

/** The cost of `pid` and its descendants. */
export function measureUsage(pid: number): Usage {
  return listProcessTree(pid)
    .map(measureProcess)
    .reduce((sum, next) => ({
      cpuSeconds: sum.cpuSeconds + next.cpuSeconds,
      rss: sum.rss + next.rss,
      processes: sum.processes + next.processes,
      threads: sum.threads + next.threads,
    }))
}

/** The cost of the descendants alone: of what a measuring shell started. */
export function measureDescendants(pid: number): Usage {
  const [all, self] = [measureUsage(pid), measureProcess(pid)]
  return { ...all, cpuSeconds: all.cpuSeconds - self.cpuSeconds, rss: all.rss - self.rss }
}
