// Kernel objects of one kind, as a program that leaks them takes them: held by perl processes, each kind in caches of its own.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A kind of leak.pl, with the objects that take about 100 MiB of SUnreclaim on 6.18. */
export const LEAKS = {
  tmpfs: 160_000,
  tcp: 45_000,
  udp6: 80_000,
  unix: 80_000,
  pipe: 70_000,
  eventfd: 400_000,
  timerfd: 240_000,
  epoll: 550_000,
  timer: 350_000,
  signal: 1_300_000,
  lock: 550_000,
  vma: 250_000,
  message: 900_000,
  semaphore: 14_000,
  key: 350_000,
  packet: 110_000,
} as const
export type LeakKind = keyof typeof LEAKS

/** The objects, until `release()`. */
export interface Leak {
  readonly kind: LeakKind
  readonly pid: number
  release(): Promise<void>
}

const PROGRAM = fileURLToPath(new URL('leak.pl', import.meta.url))

/** Why `leak` cannot be had; undefined when it can. */
export function canLeak(): string | undefined {
  if (!['x64', 'arm64'].includes(process.arch))
    return `the numbers of system calls on ${process.arch} are not known here`
  if (process.getuid?.() !== 0) return 'limits of an ordinary user are too low'
  return spawnSync('perl', ['-e', '0']).status === 0 ? undefined : 'perl is missing: apt-get install perl-base'
}

/** Takes so many objects of a kind. @throws when a limit of this machine is lower, with perl's words */
export async function startLeak(kind: LeakKind): Promise<Leak> {
  const child = spawn('perl', [PROGRAM, kind, String(LEAKS[kind])], { stdio: ['pipe', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  const errors: string[] = []
  child.stderr.on('data', data => errors.push(String(data)))
  // The end of its standard input is what ends it: so it never outlives this process.
  const release = async (): Promise<void> => {
    child.stdin.end()
    await exited
  }
  const [output] = await Promise.race([once(child.stdout, 'data'), exited])
  if (String(output) === 'ready\n') return { kind, pid: child.pid!, release }
  await release()
  throw new Error(`leak.pl ${kind}: ${errors.join('').trim() || output}`)
}

/** Resolves when SUnreclaim falls no more: what a process held is freed some time after its end. */
export async function waitUntilSlabSettles(): Promise<void> {
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const now = Number(/^SUnreclaim: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))![1])
    if (before - now < 256) return
    before = now
    await later(1000)
  }
}
