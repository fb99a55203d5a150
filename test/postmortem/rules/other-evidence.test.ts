// Texts of kernel files and programs alone, and what others than the kernel say about kills: never "nothing".
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
import { buildPostmortem, type Postmortem } from '../../../src/postmortem/postmortem.ts'
import { formatPostmortem } from '../../../src/postmortem/report/text.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'

const folder = createTemporaryFolder()

async function read(text: string): Promise<Postmortem> {
  const path = join(folder, 'saved')
  writeFileSync(path, text)
  return buildPostmortem(await readSavedFiles([path], Date.UTC(2026, 10, 24)))
}

const names = ({ diagnoses }: Postmortem): readonly string[] => diagnoses.map(({ name }) => name)

const BUDDYINFO = `Node 0, zone      DMA      1      1      1      0      2      1      1      0      1      1      3
Node 0, zone    DMA32   3021   1021     20      1      0      0      0      0      0      0      0
Node 0, zone   Normal  52321   3210     11      0      0      0      0      0      0      0      0
`

const FREE = `               total        used        free      shared  buff/cache   available
Mem:           15884       15402         121          88         360         140
Swap:           2047        2047           0
`

const HUGE_PAGES = `/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages:3600
/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:3620
/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages:0
/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages:0
`

const VMSTAT = `procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----
 r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st
 3 12 2047000  12000   1200  30000 8000 9200 12000 10000 5000 9000  5 30  0 65  0
 1 15 2047996  11800   1100  29000 7500 9900 11000 12000 5100 8800  4 32  0 64  0
`

const ZONEINFO = `Node 0, zone   Normal
  pages free     1024
        boost    0
        min      8000
        low      10000
        high     12000
        spanned  4000000
        present  4000000
        managed  3900000
`

test.each([
  ['buddyinfo', BUDDYINFO, 'no-large-blocks'],
  ['free', FREE, 'memory-nearly-used'],
  ['huge pages', HUGE_PAGES, 'huge-pages-unused'],
  ['vmstat', VMSTAT, 'swapping'],
  ['zoneinfo', ZONEINFO, 'zone-below-mark'],
])('%s shows the trouble of its moment', async (kind, text, name) => {
  const postmortem = await read(text)
  expect(names(postmortem)).toEqual([name])
  expect(postmortem.evidence.inputs[0]!.format).toMatch(kind)
  expect(
    names(
      await read(
        text
          .split('\n')
          .map(line => `> ${line}`)
          .join('\n'),
      ),
    ),
  ).toEqual([name])
})

test('a healthy machine raises nothing', async () => {
  const text = FREE.replace('15402', '2402').replace(' 140\n', ' 13140\n')
  expect(names(await read(text))).toEqual([])
})

test('a zone without a page has marks, and is not short', async () => {
  const healthy = ZONEINFO.replace('1024', '512000')
  const empty = ZONEINFO.replace('Normal', 'Movable').replace(/\d+$/gm, '0').replace('low      0', 'low      32')
  expect(names(await read(healthy + empty))).toEqual([])
  expect(names(await read(healthy + empty.replace('  managed  0\n', '')))).toEqual([])
})

test('kills by programs have their names, and are no kills of the kernel', async () => {
  const lines = [
    'nohang[812]: Sending SIGTERM to the victim: 4410 (chrome)',
    'Nov  5 10:00:00 n1 slurmstepd[200]: error: Detected 1 oom-kill event(s) in StepId=1234.batch. Some of your processes may have been killed.',
    "Nov  5 10:00:00 n1 systemd[1]: docker-abc.scope: Failed with result 'oom-kill'.",
    'Nov  5 10:00:01 n1 kubelet[1190]: "Eviction manager: pod is evicted successfully" pod="default/web-7d9f"',
    'Warning  SystemOOM  3m  kubelet  System OOM encountered, victim process: java, pid: 4411',
  ]
  const postmortem = await read(`${lines.join('\n')}\n`)
  expect(postmortem.evidence.kills).toEqual([])
  expect(postmortem.diagnoses[0]!.evidence.slice(1)).toEqual([
    'nohang killed chrome[4410]',
    'slurmstepd reports an OOM kill: step 1234.batch',
    'systemd reports an OOM kill: docker-abc.scope',
    'kubelet evicted default/web-7d9f',
    'kubelet reports an OOM kill: java[4411]',
  ])
})

test('lines that no rule reads are counted, and the log is not a clean one', async () => {
  const text = 'Jan 10 03:11:03 web3 kernel: something odd: Out of memory in frobnicator\n'
  const postmortem = await read(text)
  expect(postmortem.evidence.inputs[0]!.unread).toMatchObject({ count: 1, examples: [{ line: 1 }] })
  expect(formatPostmortem(postmortem)).not.toContain('nothing about memory trouble found')
  expect(formatPostmortem(postmortem)).toMatch(/^1 line looks like memory trouble[\s\S]*NOT READ[\s\S]*frobnicator/)
})

test('a log without trouble says what time it is of, and that what was before is gone', async () => {
  const postmortem = await read('[58242.945330] eth0: link up\n[58243.025983] eth0: link down\n')
  expect(formatPostmortem(postmortem)).toMatch(
    /^nothing about memory trouble found\n.*\nboot Linux of unknown release, 16 h 10 min after boot, 0 OOM kills/,
  )
  expect(postmortem.missing.map(({ evidence }) => evidence)).toContain('older kernel log')
  const whole = await read('[    0.000000] Linux version 6.1.0 (a@b)\n[58243.025983] eth0: link down\n')
  expect(whole.missing.map(({ evidence }) => evidence)).not.toContain('older kernel log')
})

test.each([
  ['[12.5]       Tainted: G           OE    --------- -  - 4.18.0-372.9.1.el8.x86_64 #1', '4.18.0-372.9.1.el8.x86_64'],
  ['[12.5]       Not tainted 5.4.0-42-generic #46-Ubuntu', '5.4.0-42-generic'],
])('the kernel release is taken from %j', async (line, release) => {
  const { evidence } = await read(`[12.4] INFO: task kworker/u96:2:2199 blocked for more than 120 seconds.\n${line}\n`)
  expect(evidence.boots.map(({ kernel }) => kernel)).toContain(release)
})

test.each([
  [
    'Node 0 Normal free:43000kB min:45000kB low:90000kB high:135000kB present:66000000kB managed:64400000kB',
    'zone Normal had 42.0 MiB free, below its mark of 87.9 MiB',
  ],
  [
    'active_anon:15000000 inactive_anon:2000 slab_unreclaimable:300000 free:10000',
    'It counts 57.2 GiB anonymous, 1.14',
  ],
])('the lines that are left of a cut report are shown: %j', async (line, text) => {
  const lines = [
    'postgres invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0',
    'Mem-Info:',
    line,
    'Tasks state (memory values in pages):',
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    '[   4411]    26  4411  8750000  7325256 63488000        0             0 postgres',
    'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/db,task=postgres,pid=4411,uid=26',
    'Out of memory: Killed process 4411 (postgres) total-vm:35000000kB, anon-rss:21000000kB, file-rss:1024kB, shmem-rss:8300000kB, UID:26 pgtables:62000kB oom_score_adj:0',
  ]
  const { diagnoses } = await read(`${lines.map((one, i) => `[100.00000${i}] ${one}`).join('\n')}\n`)
  expect(diagnoses[0]?.summary).toContain(text)
})

test('a victim that was exiting already is named, and one of which only the reaper speaks', async () => {
  const exiting =
    '[12346.000000] Memory cgroup out of memory: OOM victim 38048 (stress) is already exiting. Skip killing the task\n'
  const reaped =
    '[12346.000000] oom_reaper: reaped process 271180 (tracer), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n'
  const [diagnosis] = (await read(exiting)).diagnoses
  expect(diagnosis).toMatchObject({ name: 'oom-victim-exiting', certainty: 'certain' })
  expect(diagnosis!.title).toContain('stress[38048] was exiting already, and nothing was killed')
  expect((await read(reaped)).diagnoses[0]!.title).toContain('tracer[271180]')
})

test.each([
  ['"Eviction manager: attempting to reclaim" resourceName="memory"', /kubelet reclaims memory/],
  ['"Eviction manager: must evict pod(s) to reclaim" resourceName="memory"', /kubelet reclaims memory/],
  ['"Eviction manager: pod is evicted successfully" pod="prod/report-1-abc"', /prod\/report-1-abc/],
])('the kubelet in its own log: %s', async (text, what) => {
  const { diagnoses } = await read(`I0303 10:01:12.223456    1234 eviction_manager.go:377] ${text}\n`)
  expect(diagnoses[0]).toMatchObject({ name: 'other-killers' })
  expect(diagnoses[0]!.evidence.join()).toMatch(what)
})

test.each([
  [
    'earlyoom',
    'earlyoom[900]: sending SIGTERM to process 12345 uid 1000 "chrome": badness 912, VmRSS 1210 MiB',
    /chrome/,
  ],
  ['the kubelet', 'kubelet[9]: "Eviction manager: pod is evicted successfully" pod="prod/report-1"', /report-1/],
  [
    'systemd-oomd',
    'systemd-oomd[8]: Killed /user.slice/a.scope due to memory pressure for /user.slice being 71%',
    /a\.scope/,
  ],
  ['systemd', "systemd[1]: relay.service: Failed with result 'oom-kill'.", /relay\.service/],
  ['lmkd', "lowmemorykiller: Killing 'org.game' (2222), adj 600, to free 300000kB", /org\.game/],
])('a kill by %s is found far down in a log', async (_, text, name) => {
  const harmless = 'Nov 23 10:00:00 node-7 cron[7]: job done\n'.repeat(3000)
  const { diagnoses } = await read(`${harmless}Nov 23 10:00:01 node-7 ${text}\n${harmless}`)
  expect(diagnoses[0]!.evidence.join()).toMatch(name)
})
