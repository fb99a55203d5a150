// The redacted log of real kernels: the same kills and events, with other names, and nothing else of what was said.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type KernelLog, kmsg } from '../../../src/collectors/kmsg/kernel-log.ts'
import { Pseudonyms } from '../../../src/playback/redact/pseudonyms.ts'
import { LogRedactor } from '../../../src/playback/redact/redact-kernel-log.ts'
import { session } from '../../fixtures.ts'

const FOLDER = new URL('../../fixtures/kmsg/', import.meta.url).pathname
const names = new Pseudonyms(text => createHash('sha256').update(text).digest('hex'))
const read = (text: string): KernelLog => kmsg.applyFiles(kmsg.empty, { '/dev/kmsg': text }, 1e9, session)
const redacted = (text: string): string => new LogRedactor(names).redactText(text, 1e9)
/** A kernel's records with these texts. */
const log = (...texts: readonly string[]): string =>
  texts.map((text, i) => `4,${100 + i},${1000 + i},-,caller=T7;${text}\n`).join('')
const textsOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map(line => line.slice(line.indexOf(';') + 1))

describe.each(readdirSync(FOLDER).filter(name => name.endsWith('.kmsg')))('%s', name => {
  const text = readFileSync(`${FOLDER}${name}`, 'latin1')

  test('has the same facts with other names', () => {
    const [before, after] = [read(text), read(redacted(text))]
    const path = (one: string | null): string | null => (one === null ? null : names.redactPath(one))
    expect(after.oomKills.map(({ victim, oomMemcg, taskMemcg }) => [victim, oomMemcg, taskMemcg])).toEqual(
      before.oomKills.map(({ victim, oomMemcg, taskMemcg }) => [
        { ...victim, comm: names.redactComm(victim.comm) },
        path(oomMemcg),
        path(taskMemcg),
      ]),
    )
    const rest = ({ oomKills, events, read: count, lost, suppressed, malformedLine: strange }: KernelLog) => ({
      kills: oomKills.map(
        ({ complete, tasks, stat, memory, alsoKilled, unreclaimableSlab, time, killedLines, reaped }) => ({
          complete,
          tasks: tasks.map(({ columns, pid }) => [columns, pid]),
          stat,
          memory,
          alsoKilled: alsoKilled.length,
          unreclaimableSlab,
          time,
          killedLines,
          reaped,
        }),
      ),
      events: events.map(({ kind, time, sequence }) => [kind, time, sequence]),
      counts: [count, lost, suppressed, strange === null],
    })
    expect(rest(after)).toEqual(rest(before))
  })

  test('has the same structure if it is redacted again', () => {
    const once = redacted(text)
    expect(
      redacted(once)
        .split('\n')
        .map(line => line.length),
    ).toEqual(once.split('\n').map(line => line.length))
  })
})

test('what is no memory event keeps its number, time and level only', () => {
  const text =
    '6,7,8000,-;eth0: link up 10.1.2.3 52:54:00:12:34:56\n SUBSYSTEM=net\n DEVICE=n2\n30,8,9000,-,caller=C1;systemd[1]: Started app of alice.\n'
  expect(redacted(text)).toBe('6,7,8000,-;\n30,8,9000,-,caller=C1;\n')
})

test('each kind of event is written again with other names and without addresses', () => {
  const lines = [
    'java: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null),cpuset=web-0,mems_allowed=0',
    'warn_alloc_failed+0x110/0x180',
    '[<ffffffff8118f2e0>] secret_ioctl+0x10/0x20 [acme]',
    'SLUB: Unable to allocate memory on node -1, gfp=0xa20(GFP_ATOMIC)',
    '  cache: dentry(12:web-0), object size: 192, buffer size: 192, default order: 0, min order: 0',
    'cgroup: fork rejected by pids controller in /kubepods/pod3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13/web',
    'kmem_cache_create(dentry(12:web-0)) failed with error -12',
    'oom_reaper: unable to reap pid:4120 (java)',
    'Memory failure: 0xdeadbeef: recovery action for dirty LRU page of web: Recovered',
    'nf_conntrack: table full, dropping packet from web-0',
  ]
  const other = redacted(log(...lines))
  const kinds = (text: string) => read(text).events.map(({ kind }) => kind)
  expect(kinds(other)).toEqual(kinds(log(...lines)))
  expect(other).not.toMatch(/java|web|acme|ffffffff8118f2e0|deadbeef|3f0c9a51/)
  expect(textsOf(other)[2]).toBe(' secret_ioctl+0x10/0x20')
  expect(textsOf(other)[5]).toMatch(
    /^cgroup: fork rejected by pids controller in \/kubepods\/pod[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/c-[0-9a-f]{10}$/,
  )
})

test('a summary in pieces, whose name is cut in two', () => {
  const lines = [
    'web invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
    'memory: usage 40960kB, limit 40960kB, failcnt 1',
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/shop,task_memcg=/shop',
    '/cart,task=a,task=b,pid=9,uid=0',
    'Memory cgroup out of memory: Killed process 9 (a,task=b) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0',
  ]
  const [before, after] = [log(...lines), redacted(log(...lines))].map(text => read(text).oomKills[0]!)
  expect(before!.taskMemcg).toBe('/shop/cart')
  expect(after).toMatchObject({
    taskMemcg: names.redactPath('/shop/cart'),
    oomMemcg: names.redactPath('/shop'),
    victim: { comm: names.redactComm('a,task=b') },
  })
  expect(redacted(log(...lines))).not.toMatch(/shop|cart|web|task=b/)
})
