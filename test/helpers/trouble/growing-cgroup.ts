// A memory group of our own whose one process takes memory at an even pace, and which can be created again under its name.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { basename } from 'node:path'
import { findMemoryTree, limitMemory, makeGroup, removeGroup } from './memory-tree.ts'

export interface GrowingCgroup {
  /** as the kernel names the group */
  readonly path: string
  /** Ends the process, removes the group, and makes an empty one of the same name. */
  remake(): Promise<void>
  release(): Promise<void>
}

// Files of tmpfs are charged to who writes them; it ends by itself before the limit.
// Its pace is that of the clock: after a delay it catches up.
const GROW = `use Time::HiRes 'time';
my ($file, $each, $times) = @ARGV; open my $out, '>', $file or die "$file: $!\\n"; my $begun = time;
for my $n (1 .. $times) { syswrite $out, "x" x $each; my $left = $begun + $n / 4 - time;
  select undef, undef, undef, $left if $left > 0 } sleep 1000`

/** Takes `bytesPerSecond` for at most two thirds of the limit. */
export async function startGrowingCgroup(options: {
  limitBytes: number
  bytesPerSecond: number
}): Promise<GrowingCgroup> {
  const { limitBytes, bytesPerSecond } = options
  const tree = findMemoryTree()
  if (!tree) throw new Error('no memory cgroups here')
  const name = `kmt-growing-${process.pid}`
  const file = `/dev/shm/${name}`
  let group = makeGroup(tree, name)
  limitMemory(group, limitBytes)
  const each = Math.round(bytesPerSecond / 4)
  const enter = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
  const times = String(Math.floor((limitBytes * 2) / 3 / each))
  const child = spawn('sh', ['-c', enter, group.directory, 'perl', '-e', GROW, file, String(each), times], {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  const onExit = () => {
    child.kill('SIGKILL')
    rmSync(file, { force: true })
  }
  process.once('exit', onExit)
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await exited
    rmSync(file, { force: true })
    process.off('exit', onExit)
    await removeGroup(group)
  }
  return {
    path: group.path,
    remake: async () => {
      await end()
      group = makeGroup(tree, basename(group.directory))
    },
    release: end,
  }
}
