// An OOM kill by the kernel, in a memory group of our own, with a limit of a few MB.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  canMakeGroup,
  countOomKills,
  findMemoryTree,
  type Group,
  limitMemory,
  makeGroup,
  removeGroup,
} from './memory-tree.ts'

/** `nested`: the process is in a child group without a limit, and hits the limit of the group above, as in a pod. */
export interface OomKillOptions {
  readonly name: string
  readonly limitBytes?: number
  readonly nested?: boolean
}

/** What the kernel will have logged. The groups are gone. */
export interface TriggeredOomKill {
  readonly pid: number
  readonly comm: string
  /** The group whose limit was hit, as the kernel names it. */
  readonly oomMemcg: string
  /** The group of the killed process. */
  readonly taskMemcg: string
}

const MIB = 1024 * 1024
const MOST = 200 * MIB

/** Why `oomKill` cannot be had; undefined when it can. */
export const canOomKill = canMakeGroup

/** `tail` keeps a line until its end; the line of zeros has none. */
async function growUntilKilled({ directory }: Group): Promise<{ pid: number; signal: NodeJS.Signals | null }> {
  const script = 'echo 0 >/proc/self/oom_score_adj; echo $$ >"$0/cgroup.procs" && exec tail /dev/zero'
  const child = spawn('sh', ['-c', script, directory], { stdio: 'ignore' })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const late = setTimeout(kill, 30_000)
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  clearTimeout(late)
  process.off('exit', kill)
  return { pid: child.pid!, signal }
}

/** Runs a process that grows until the kernel kills it, and resolves when that has happened. */
export async function triggerOomKill({
  name,
  limitBytes = 32 * MIB,
  nested = false,
}: OomKillOptions): Promise<TriggeredOomKill> {
  if (limitBytes > MOST) throw new RangeError(`limitBytes: at most ${MOST}, came ${limitBytes}`)
  const tree = findMemoryTree()
  if (!tree) throw new Error(canOomKill())
  const limited = makeGroup(tree, `kmt-${name}-${process.pid}`)
  const own = nested ? makeGroup(tree, 'container', limited) : limited
  try {
    limitMemory(limited, limitBytes)
    const { pid, signal } = await growUntilKilled(own)
    if (signal !== 'SIGKILL' || countOomKills(own) === 0)
      throw new Error(`tail ended by ${signal}, not by the OOM killer`)
    return { pid, comm: 'tail', oomMemcg: limited.path, taskMemcg: own.path }
  } finally {
    if (nested) await removeGroup(own)
    await removeGroup(limited)
  }
}
