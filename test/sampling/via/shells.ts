// The shells a collector may meet, as far as this machine has them, and a link through one of them.
import { spawnSync } from 'node:child_process'
import { createSystemClock, sleepInThread } from '../../../src/sampling/clock.ts'
import { Link } from '../../../src/sampling/via/link/link.ts'
import type { LinkStatus } from '../../../src/sampling/via/link/link-status.ts'
import type { LinkThread } from '../../../src/sampling/via/link/link-thread.ts'
import { RemoteHost } from '../../../src/sampling/via/remote-host.ts'
import { type Waiting, waitInThread } from '../../../src/sampling/via/waiting.ts'

const SHELLS = [
  'sh',
  'dash',
  'bash',
  'bash --posix',
  'env BASH_COMPAT=4.2 bash',
  'busybox sh',
  'mksh',
  'ksh93',
  'yash',
  'posh',
]

const isThere = (shell: string): boolean =>
  spawnSync('/bin/sh', ['-c', `${shell} -c :`], { stdio: 'ignore' }).status === 0

/** Shells of this machine, as commands. */
export const shells: readonly string[] = SHELLS.filter(isThere)
export const missingShells: readonly string[] = SHELLS.filter(shell => !shells.includes(shell))

/** A thread that never stops; what the link posts is in `statuses`. */
export function createThread(): LinkThread & { readonly statuses: LinkStatus[]; nap(ms: number): void } {
  const clock = createSystemClock()
  const wakeWord = new Int32Array(new SharedArrayBuffer(4))
  const statuses: LinkStatus[] = []
  const nap = (ms: number): void => void sleepInThread(wakeWord, ms)
  const wait = <Result>(work: Waiting<Result>): Result => waitInThread(work, nap)
  return {
    statuses,
    isShared: false,
    block: wait,
    run: wait,
    nap,
    now: clock.now,
    postStatus: status => statuses.push(status),
  }
}

/** A host over a command, closed after `run`. */
export function withRemoteHost<Result>(
  { command, root = '', reconnects = false }: { command: string; root?: string; reconnects?: boolean },
  run: (host: RemoteHost, thread: ReturnType<typeof createThread>) => Result,
): Result {
  const thread = createThread()
  const link = thread.block(Link.open({ command, reconnects }, thread))
  const host = new RemoteHost(link, thread, root)
  try {
    return run(host, thread)
  } finally {
    host.close()
  }
}
