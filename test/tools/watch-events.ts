// In a VM with cgroup v2: kills processes at the limit of their cgroup and compares what notices let the reader know with the kernel's
// counters. Prints one line of JSON. usage: watch-events.ts KILLS
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { TreeReader } from '../../src/collectors/cgroups/tree-reader.ts'
import type { Host } from '../../src/collectors/collector.ts'
import { createLocalHost } from '../../src/sampling/local-host.ts'

const ROOT = '/sys/fs/cgroup'
const CGROUPS = 100
const KILLS_PER_ROUND = 50

// Forks one child after the other; each enters a cgroup and takes more than its limit.
const KILLER = `
my ($first, $count, $bytes) = @ARGV;
for my $i ($first .. $first + $count - 1) {
  my $pid = fork();
  if ($pid == 0) {
    my $cgroup = ($i * 7919) % ${CGROUPS};
    open(my $file, '>', "${ROOT}/kmt-events/c$cgroup/cgroup.procs") or exit 1;
    print $file $$; close($file);
    my $text = 'x' x $bytes;
    exit 0;
  }
  waitpid($pid, 0);
}`

const paths = Array.from({ length: CGROUPS }, (_, i) => `${ROOT}/kmt-events/c${i}`)

function makeCgroups(): void {
  mkdirSync(`${ROOT}/kmt-events`)
  writeFileSync(`${ROOT}/cgroup.subtree_control`, '+memory')
  writeFileSync(`${ROOT}/kmt-events/cgroup.subtree_control`, '+memory')
  for (const path of paths) {
    mkdirSync(path)
    writeFileSync(`${path}/memory.max`, '4M')
  }
}

/** A host that counts the reads of events files. */
function createCountingHost(): { host: Host & { close(): void }; countReads(): number } {
  const local = createLocalHost('/')
  let reads = 0
  const readFile = (path: string): string => {
    if (path.endsWith('/memory.events')) reads++
    return local.readFile(path)
  }
  return { host: { ...local, readFile }, countReads: () => reads }
}

const parseKills = (text: string | null | undefined): number => Number(/^oom_kill (\d+)/m.exec(text ?? '')?.[1] ?? 0)

async function main(kills: number): Promise<void> {
  makeCgroups()
  const { host, countReads } = createCountingHost()
  const reader = new TreeReader(host, { version: 2, path: ROOT, root: '/' })
  const known = new Map<string, number>()
  let [time, samples, missed] = [0, 0, 0]
  // No sign of a kill but the notices: the log and vmstat are not read.
  const sample = async (): Promise<void> => {
    await sleep(20) // the kernel sends a notice of a burst up to 10 ms later (CGROUP_FILE_NOTIFY_MIN_INTV)
    const texts = reader.readSample(time, false)
    for (const path of paths) {
      const text = texts[`${path}/memory.events`]
      if (text !== undefined) known.set(path, parseKills(text))
    }
    time += 1000
    samples++
  }
  await sample()
  await sample()
  const readsBefore = countReads()
  for (let first = 0; first < kills; first += KILLS_PER_ROUND) {
    execFileSync('perl', ['-e', KILLER, `${first}`, `${KILLS_PER_ROUND}`, '8000000'])
    await sample()
    for (const path of paths)
      if (known.get(path) !== parseKills(readFileSync(`${path}/memory.events`, 'latin1'))) missed++
  }
  const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0)
  const counted = sum(paths.map(path => parseKills(readFileSync(`${path}/memory.events`, 'latin1'))))
  const reads = countReads() - readsBefore
  console.log(JSON.stringify({ kills: counted, known: sum(known.values()), missed, samples, reads, cgroups: CGROUPS }))
  host.close()
}

await main(Number(process.argv[2]))
process.exit()
