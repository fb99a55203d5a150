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
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

function names(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** /proc/PID/stat after the name, which may hold anything: field 3 of the manual is [0]. */
function statFields(pid: number): readonly string[] {
  return read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
}

/** `pid` and all that descend from it. */
function tree(pid: number): readonly number[] {
  const parents = names('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(statFields(Number(name))[1]) }))
  const found = [pid]
  for (const one of found) found.push(...parents.filter(({ parent }) => parent === one).map(child => child.pid))
  return found
}

/** Nanoseconds of the living threads, added up. */
function threadSeconds(pid: number): { seconds: number; threads: number } {
  const threads = names(`/proc/${pid}/task`)
  const each = threads.map(thread => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]))
  return { seconds: each.reduce((sum, value) => sum + value, 0) / 1e9, threads: threads.length }
}

/**
 * schedstat is exact but knows only living threads; stat counts ended threads and children that were waited for,
 * cut to hundredths of a second. The larger of the two is the truth, or within 0.02 s of it.
 */
function one(pid: number): Usage {
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = statFields(pid).slice(11, 15).map(Number)
  const { seconds, threads } = threadSeconds(pid)
  const own = Math.max(seconds, (user + system) / TICKS)
  const rss = Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
  return { cpuSeconds: own + (childUser + childSystem) / TICKS, rss, processes: 1, threads }
}

/** The cost of `pid` and its descendants. */
export function usageOf(pid: number): Usage {
  return tree(pid)
    .map(one)
    .reduce((sum, next) => ({
      cpuSeconds: sum.cpuSeconds + next.cpuSeconds,
      rss: sum.rss + next.rss,
      processes: sum.processes + next.processes,
      threads: sum.threads + next.threads,
    }))
}

/** The cost of the descendants alone: of what a measuring shell started. */
export function usageBelow(pid: number): Usage {
  const [all, self] = [usageOf(pid), one(pid)]
  return { ...all, cpuSeconds: all.cpuSeconds - self.cpuSeconds, rss: all.rss - self.rss }
}
