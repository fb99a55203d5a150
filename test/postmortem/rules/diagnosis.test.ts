// Diagnoses: each trouble comes out as what an engineer would call it, and as nothing more. One log for each.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readSavedFiles } from '../../../src/postmortem/logs/read-saved-files.ts'
import { buildPostmortem, type Postmortem } from '../../../src/postmortem/postmortem.ts'
import { formatPostmortem } from '../../../src/postmortem/report/text.ts'
import { getLogPath, readSavedLog } from '../logs/log-formats.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmemtop-diagnosis-'))
afterAll(() => rmSync(folder, { recursive: true }))

let made = 0

async function storyOfText(text: string): Promise<Postmortem> {
  const path = join(folder, `${made++}.log`)
  writeFileSync(path, text, 'latin1')
  return buildPostmortem(await readSavedFiles([path], 0))
}

const names = ({ diagnoses }: Postmortem): readonly string[] =>
  diagnoses.map(({ name, certainty }) => `${name} ${certainty}`)

const kernel = (release: string, ...texts: readonly string[]): string =>
  [`Linux version ${release} (builder@host) #1 SMP`, ...texts]
    .map((text, i) => `[${(100 + i).toFixed(6).padStart(12)}] ${text}\n`)
    .join('')

// a node's syslog with what a program says
const said = (release: string, text: string): string =>
  `Nov 23 09:00:00 node-7 kernel: Linux version ${release} (builder@host) #1 SMP\nNov 23 10:00:00 node-7 ${text}\n`

const MKDIR = 'mkdir /sys/fs/cgroup/memory/kubepods/burstable/podf69e3e3e-261e-4d0c-bc9a-272504a8fa33'

describe('a cgroup that cannot be made', () => {
  test.each([
    ['3.10.0-514.el7.x86_64', 'no space left on device', 'likely'],
    ['3.10.0-957.21.3.el7.x86_64', 'cannot allocate memory', 'likely'],
    ['3.10.0-1160.66.1.el7.x86_64', 'cannot allocate memory', 'likely'],
    ['4.4.0-142-generic', 'cannot allocate memory', 'likely'],
    ['4.14.200-155.322.amzn2.x86_64', 'cannot allocate memory', 'likely'],
    ['4.18.0-553.el8_10.x86_64', 'no space left on device', 'likely'],
    ['4.19.91-27.al7.x86_64', 'cannot allocate memory', 'likely'],
    ['5.4.119-19-0009.11', 'cannot allocate memory', 'likely'],
    ['5.15.0-91-generic', 'no space left on device', 'likely'],
    ['6.12.30', 'device or resource busy', 'likely'],
    // not the word of that kernel for it
    ['5.15.0-91-generic', 'cannot allocate memory', 'possible'],
    ['4.19.91-27.al7.x86_64', 'no space left on device', 'possible'],
  ])('on %s: %s', async (release, error, certainty) => {
    const story = await storyOfText(said(release, `kubelet[1234]: ${MKDIR}: ${error}`))
    expect(names(story)).toEqual([`memcg-id-exhaustion ${certainty}`])
    expect(story.missing.map(({ evidence }) => evidence)).toContain('cgroups')
  })

  test('with EAGAIN it is a limit on the number of cgroups, not the IDs', async () => {
    const text = said('5.15.0-91-generic', `kubelet[1234]: ${MKDIR}: resource temporarily unavailable`)
    expect(names(await storyOfText(text))).toEqual(['cgroup-limit likely'])
  })
})

test.each([
  [
    'a limit below what is used',
    'runc[9]: write /sys/fs/cgroup/memory/x/memory.limit_in_bytes: device or resource busy',
    ['limit-refused certain'],
  ],
  ['a cpuset without memory nodes', 'runc[9]: write /sys/fs/cgroup/cpuset/x/cgroup.procs: no space left on device', []],
  ['a controller besides memory', 'runc[9]: mkdir /sys/fs/cgroup/pids/x: no space left on device', []],
  ['watches of inotify', 'kubelet[9]: inotify_add_watch /sys/fs/cgroup/memory/x: no space left on device', []],
  ['a full disk', 'dockerd[9]: write /var/lib/docker/x: no space left on device', []],
])('not the IDs: %s', async (_, line, found) => {
  expect(names(await storyOfText(said('5.4.0-42-generic', line)))).toEqual(found)
})

describe('slab caches of containers that cannot grow', () => {
  const lines = [
    'SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
    '  cache: kmalloc-1024(1793:c8edefa90517), object size: 1024, buffer size: 1024, default order: 3, min order: 0',
    'SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
    '  cache: dentry(40021:2b5590c7df10), object size: 192, buffer size: 192, default order: 1, min order: 0',
  ]

  test.each([
    [
      '3.10.0-957.21.3.el7.x86_64',
      /^3\.10\.0-957\S* does not support cgroup\.memory=nokmem: update to 3\.10\.0-1062\.4\.1/,
    ],
    ['3.10.0-1062.4.1.el7.x86_64', /^boot with cgroup\.memory=nokmem: 3\.10\.0-1062\.4\.1\.el7\.x86_64 supports it$/],
    ['3.10.0-1160.66.1.el7.x86_64', /^boot with cgroup\.memory=nokmem: 3\.10\.0-1160\S* supports it$/],
    ['3.10.107-1-tlinux2_kvm_guest-0051', /, if 3\.10\.107-1-tlinux2_kvm_guest-0051 supports it/],
  ])('on %s are the leak, with its remedy', async (release, remedy) => {
    const { diagnoses } = await storyOfText(kernel(release, ...lines))
    expect(diagnoses.map(({ name }) => name)).toEqual(['kmem-accounting-leak'])
    expect(diagnoses[0]!.title).toContain(release)
    expect(diagnoses[0]!.remedy.filter(({ text }) => text.includes('nokmem:') || remedy.test(text))).toHaveLength(1)
    expect(diagnoses[0]!.remedy.some(({ text }) => remedy.test(text))).toBe(true)
  })

  test.each(['4.4.0-142-generic', '4.12.14-122.37-default', '4.14.200-155.322.amzn2.x86_64', '5.4.119-19-0009.11'])(
    'on %s are cgroups at their limit, and no leak is claimed',
    async release => {
      const story = await storyOfText(kernel(release, ...lines))
      expect(names(story)).toEqual(['memcg-slab-failures likely'])
      expect(formatPostmortem(story)).not.toMatch(/nokmem|leak/)
    },
  )
})

test.each([
  ['a fork rejected', ['cgroup: fork rejected by pids controller in /kubepods/podx'], ['pids-limit certain']],
  [
    'sixteen pages in a row',
    ['kworker/u8:3: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)'],
    ['memory-fragmented likely'],
  ],
  [
    'stalls, and a task that hung for them',
    [
      'java: page allocation stalls for 23012ms, order:0, mode:0x14200ca(GFP_HIGHUSER_MOVABLE)',
      'INFO: task dockerd:1234 blocked for more than 120 seconds.',
    ],
    ['reclaim-stalls certain', 'stood-still certain'],
  ],
  ['nothing', ['eth0: link up', 'INFO: task nfsd:12 blocked for more than 120 seconds.'], []],
])('only %s', async (_, lines, found) => {
  const story = await storyOfText(kernel('4.14.35', ...lines))
  expect(names(story)).toEqual(found)
  if (found.length === 0) expect(formatPostmortem(story)).toMatch(/^nothing about memory trouble found\n/)
})

test('events keep their place when another one follows while they wait for a line of their own', async () => {
  const stalls = ['kswapd0', 'java'].map(
    comm => `${comm}: page allocation stalls for 9ms, order:0, mode:0x20(GFP_ATOMIC)`,
  )
  const { events } = (await storyOfText(kernel('4.14.35', ...stalls))).evidence
  expect(events.map(({ location: place }) => [place.line, place.bootSeconds])).toEqual([
    [2, 101],
    [3, 102],
  ])
})

describe('what was pasted of a report', () => {
  const chosen =
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/kubepods/podf69e3e3e-261e-4d0c-bc9a-272504a8fa33,task_memcg=/kubepods/podf69e3e3e-261e-4d0c-bc9a-272504a8fa33/app,task=java, or so,pid=71,uid=0'

  test.each([
    ['the choice', chosen, 'java, or so[71] was chosen to be killed: pod f69e3e3e-261e-4d0c-bc9a-272504a8fa33'],
    [
      'the decision up to 5.2',
      'Memory cgroup out of memory: Kill process 4321 (java) score 968 or sacrifice child',
      'java[4321] was chosen to be killed: a cgroup of unknown name',
    ],
    [
      'the decision of the node',
      'Out of memory: Kill process 4321 (a (b) c) score 968 or sacrifice child',
      'a (b) c[4321] was chosen to be killed: the whole node',
    ],
    ['its begin', 'java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0', 'a cgroup or the whole node'],
    ['the counters', 'Memory cgroup stats for /kubepods/app:', '/kubepods/app'],
  ])('%s alone is reported as far as it goes', async (_, line, title) => {
    const story = await storyOfText(kernel('5.15.0', line))
    expect(names(story)).toEqual(['oom-report-cut likely'])
    expect(story.diagnoses[0]!.title).toContain(title)
    expect(story.missing.map(({ evidence }) => evidence)).toContain('whole reports')
  })

  test('a part of its task table, or its counters, is a report', async () => {
    const table = [
      '[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name',
      '[    375]     0   375    14010     2008      160     1848         0   102400      256          -250 systemd-journal',
    ]
    expect(names(await storyOfText(kernel('6.12.0', ...table)))).toEqual(['oom-report-cut likely'])
    const story = await storyOfText(kernel('6.12.0', 'memory: usage 1048576kB, limit 1048576kB, failcnt 153'))
    expect(names(story)).toEqual(['oom-report-cut likely'])
    expect(formatPostmortem(story)).toContain('1.00 GiB of 1.00 GiB')
  })

  test('the kernel release is taken from uname -a below it', async () => {
    const story = await storyOfText(
      [
        'Oct 19 13:44:52 node-7 kernel: SLUB: Unable to allocate memory on node -1 (gfp=0x20)',
        'Oct 19 13:44:52 node-7 kernel:  cache: kmalloc-1024(7:app), object size: 1024, buffer size: 1024, default order: 3, min order: 0',
        '[root@node-7 ~]$ uname -a',
        'Linux node-7 3.10.0-327.el7.x86_64 #1 SMP Thu Nov 19 22:10:57 UTC 2015 x86_64 x86_64 x86_64 GNU/Linux',
        '',
      ].join('\n'),
    )
    expect(names(story)).toEqual(['kmem-accounting-leak likely'])
    expect(story.diagnoses[0]!.title).toContain('3.10.0-327.el7.x86_64')
  })

  test('a kill of which no line says whose limit it was is put on no cgroup', async () => {
    const story = await storyOfText(kernel('4.4.0', 'Killed process 7 (node) total-vm:606096kB, anon-rss:68308kB'))
    expect(names(story)).toEqual(['oom-kill likely'])
    expect(formatPostmortem(story)).toMatch(/OOM kill node\[7\]: limit unknown/)
    expect(formatPostmortem(story)).not.toContain('at the limit')
  })

  test('beside a kill it is no diagnosis of its own', async () => {
    const kill = 'Out of memory: Killed process 7 (node) total-vm:606096kB, anon-rss:68308kB, UID:0 pgtables:1kB'
    const story = await storyOfText(
      kernel('5.15.0', kill, 'java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0'),
    )
    expect(names(story)).toEqual(['node-out-of-memory likely'])
  })
})

describe('the whole node', () => {
  const report = readSavedLog('oom-global-slab.4.19.dmesg')

  test('filled by slab: that comes first', async () => {
    expect(names(await storyOfText(report))[0]).toBe('unreclaimable-slab certain')
  })

  test('filled by processes, with much slab beside: the processes come first', async () => {
    const pages = (name: string, count: number): [RegExp, string] => [new RegExp(`\\b${name}:\\d+`), `${name}:${count}`]
    const ram = Number(/(\d+) pages RAM/.exec(report)![1])
    const text = [
      pages('slab_unreclaimable', Math.round(ram * 0.15)),
      pages('active_anon', Math.round(ram * 0.7)),
    ].reduce((all, [from, to]) => all.replace(from, to), report)
    const story = await storyOfText(text)
    const diagnoses = story.diagnoses.filter(({ name }) => name !== 'nothing-to-kill') // at its end the log has a panic too
    expect(diagnoses.map(({ name, severity }) => `${name} ${severity}`)).toEqual([
      'node-out-of-memory critical',
      'unreclaimable-slab warning',
    ])
    expect(diagnoses[0]!.evidence.join('\n')).toMatch(/^largest then: /m)
  })

  test('is not what ran out when a cpuset did', async () => {
    const summary =
      'oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=shop,mems_allowed=4,global_oom,task_memcg=/x,task=web,pid=41,uid=0'
    const killed =
      'Out of memory: Killed process 41 (web) total-vm:4077036kB, anon-rss:51184kB, file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:236kB oom_score_adj:0'
    const story = await storyOfText(kernel('6.1.20', summary, killed))
    expect(story.diagnoses[0]!.title).toBe('memory node 4 of a cpuset ran out of memory: 1 process killed')
  })
})

test('a kill without its report asks for the whole log', async () => {
  const killed =
    'Memory cgroup out of memory: Killed process 41 (web) total-vm:4077036kB, anon-rss:51184kB, file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:236kB oom_score_adj:0'
  const { missing } = await storyOfText(kernel('6.1.20', killed))
  expect(missing).toEqual([
    expect.objectContaining({ evidence: 'whole reports', command: expect.stringMatching(/journalctl -k/) }),
  ])
})

test('a limit that was hit says what filled it', async () => {
  const story = buildPostmortem(await readSavedFiles([getLogPath('oom-memcg.5.4.dmesg')], 0))
  expect(names(story)).toEqual(['oom-at-limit certain'])
})

test('what was killed with the victim does not name the victim', async () => {
  const path = new URL('../../fixtures/kmsg/oom-group.v2-6.12.kmsg', import.meta.url).pathname
  const [diagnosis] = buildPostmortem(await readSavedFiles([path], 0)).diagnoses
  expect(diagnosis!.title).toMatch(/^mysqld /)
  expect(diagnosis!.evidence).toContain('killed with it (memory.oom.group): nginx, php-fpm')
})

test('a log of containers alone is no kernel log: its OOM kills are relayed, and not counted', async () => {
  const killed =
    'Out of memory: Killed process 7 (sshd) total-vm:4077036kB, anon-rss:51184kB, file-rss:4kB, shmem-rss:0kB, UID:0 pgtables:236kB oom_score_adj:0'
  const story = await storyOfText(`2026-11-23T10:00:00.000000001Z stdout F ${killed}\n`)
  expect(names(story)).toEqual(['relayed-oom-kill possible'])
  expect(story.evidence.kills).toEqual([])
  expect(story.missing[0]?.evidence).toBe('kernel log')
  const text = formatPostmortem(story)
  expect(text).toMatch(/^container relays OOM kills: sshd\[7\]\n0 OOM kills/)
  expect(text).toContain('not proven to be the kernel’s word')
})
