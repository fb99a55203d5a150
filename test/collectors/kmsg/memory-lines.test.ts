// The fast checks let every line about memory through: what a parser reads must not be lost before it.
import { describe, expect, test } from 'vitest'
import { parseEvent } from '../../../src/collectors/kmsg/event-lines.ts'
import { canBeEventLine, canBeOomLine, createMemoryWordPattern } from '../../../src/collectors/kmsg/memory-lines.ts'
import { parseOomLine } from '../../../src/collectors/kmsg/oom/oom-lines.ts'
import { parseCapture } from './captures.ts'

// kinds that can begin a report or mean something on their own
const FIRST_KINDS = new Set([
  'invoked',
  'limit',
  'charge',
  'stats',
  'columns',
  'summary',
  'verdict',
  'killed',
  'group',
  'suppressed',
])

describe('OOM lines', () => {
  test('pass if they can begin a report or mean something on their own', () => {
    for (const name of ['oom-nested.v1-6.18', 'oom-group.v2-6.1', 'oom-global.v2-6.12', 'oom-repeated.v1-6.18']) {
      for (const { text } of parseCapture(name)) {
        const kind = parseOomLine(text)?.kind
        if (kind && FIRST_KINDS.has(kind)) expect(canBeOomLine(text)).toBe(true)
      }
    }
  })

  test('do not include the ordinary records of a boot', () => {
    expect(parseCapture('boot.v2-6.12').filter(({ text }) => canBeOomLine(text))).toEqual([])
  })
})

// one line of each kind, as kernels of 3.10 to 7.x print them
const EVENT_LINES = [
  'SLUB: Unable to allocate memory on node -1 (gfp=0x8020)',
  'kworker/u8:3: page allocation failure: order:4, mode:0x104020',
  'a.out: page allocation stalls for 10047ms, order:0, mode:0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO)',
  'kmem_cache_create(nf_conntrack) failed with error -12',
  'cgroup: fork rejected by pids controller in /kmt-res-pids',
  'memcg: allocation of the id failed',
  'Out of memory and no killable processes...',
  'Kernel panic - not syncing: System is deadlocked on memory',
  'oom_reaper: unable to reap pid:4120 (java)',
  'sysrq: Manual OOM execution',
  'warn_alloc: 12 callbacks suppressed',
  'percpu: allocation failed, size=32 align=8 atomic=0, alloc from reserved chunk failed',
  'vmap allocation for size 20480 failed: use vmalloc=<size> to increase size',
  'insmod: vmalloc error: size 8388608, failed to allocate pages',
  'Huh VM_FAULT_OOM leaked out to the #PF handler. Retrying PF',
  'Unreclaimable slab info:',
  'nf_conntrack: nf_conntrack: table full, dropping packet',
  'TCP: out of memory -- consider tuning tcp_mem',
  'EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Channel#1_DIMM#0',
  '{1}[Hardware Error]: section_type: memory error',
  'Memory failure: 0x1234: recovery action for dirty LRU page: Recovered',
  'MCE 0x1234: dirty LRU page recovery: Recovered',
  'mce: Uncorrected hardware memory error in user-access at 3a4b5c',
  '__vm_enough_memory: pid: 123, comm: java, bytes: 4096 not enough memory for the allocation',
  'kmemleak: 12 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
  'INFO: task dockerd:1234 blocked for more than 120 seconds.',
  'watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kswapd0:78]',
]

describe.each(EVENT_LINES)('%s', line => {
  test('is an event and passes the fast checks of records and of saved logs', () => {
    expect(parseEvent(line)).toBeDefined()
    expect(canBeEventLine(line)).toBe(true)
    expect(createMemoryWordPattern().test(line)).toBe(true)
  })
})
