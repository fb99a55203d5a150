// Many open eventfds, each a `struct file` and an eventfd context in slab, held by a few perl processes.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** The eventfds, until `release()`. */
export interface Eventfds {
  readonly count: number
  /** The processes that hold them. */
  readonly pids: readonly number[]
  release(): Promise<void>
}

// the number of the system call eventfd2; perl has no name for it
const EVENTFD2: Partial<Record<string, number>> = { x64: 290, arm64: 19 }
const HOLD = `my ($number, $count) = @ARGV;
for (1 .. $count) { syscall($number, 0, 0) >= 0 or die "eventfd $_: $!\\n" }
$| = 1; print "ready\\n"; <STDIN>;`

function openFilesLimit(): number {
  const [, soft] = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
  return soft === undefined || soft === 'unlimited' ? 1 << 20 : Number(soft)
}

/** Why `eventfds` cannot be had; undefined when it can. */
export function canEventfds({ count }: { readonly count: number } = { count: 1000 }): string | undefined {
  if (EVENTFD2[process.arch] === undefined) return `the number of eventfd2 on ${process.arch} is not known here`
  if (spawnSync('perl', ['-e', '0']).status !== 0) return 'perl is missing: apt-get install perl-base'
  const [used = 0, , most = 0] = readFileSync('/proc/sys/fs/file-nr', 'utf8').split('\t').map(Number)
  return used + count > most ? `fs.file-max permits ${most} open files, ${used} are open` : undefined
}

async function hold(count: number): Promise<ChildProcess> {
  const args = ['-e', HOLD, String(EVENTFD2[process.arch]), String(count)]
  const child = spawn('perl', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ready = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
  if (String(ready[0]) !== 'ready\n') throw new Error(`perl ended with ${ready[0]} before it had ${count} eventfds`)
  return child
}

// The end of its standard input is what ends a holder: so it never outlives this process.
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.stdin!.end()
  await exited
}

/** Opens `count` eventfds, as many in each process as its limit of open files permits. */
export async function eventfds({ count }: { readonly count: number }): Promise<Eventfds> {
  const each = openFilesLimit() - 50
  const shares = Array.from({ length: Math.ceil(count / each) }, (_, index) => Math.min(each, count - index * each))
  const results = await Promise.allSettled(shares.map(hold))
  const children = results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const release = async () => void (await Promise.all(children.map(end)))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) {
    await release()
    throw failed.reason
  }
  return { count, pids: children.map(child => child.pid!), release }
}
