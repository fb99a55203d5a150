// False certainty: without one of the lines that prove it, no finding is certain. The table is that of docs/saved-logs.md.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { analyzeText } from '../analyze-text.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url)
const TEXTS = new Map(
  ['logs', 'posted'].flatMap(folder =>
    readdirSync(new URL(folder, FIXTURES))
      .filter(name => /\.(?:dmesg|log)$/.test(name))
      .map(name => [name, readFileSync(new URL(`${folder}/${name}`, FIXTURES), 'latin1')] as const),
  ),
)

// Lines of an OOM report. The victim is proven by the table, or by a cgroup that stats and summary name.
const NODE = [/invoked oom-killer/, /Mem-Info:/i, /Killed process/]
const LIMIT = [
  /invoked oom-killer/,
  /memory: usage/,
  /Killed process/,
  /\[ *\d+\] +\d+ +\d|Memory cgroup stats|oom-kill:/,
]

/** Without the lines of any of these patterns the finding is not certain. Of alternatives one pattern has all. */
const PROOFS: Readonly<Record<string, readonly RegExp[]>> = {
  'oom-at-limit': LIMIT,
  'node-out-of-memory': NODE,
  'low-memory-exhausted': [...NODE, /Normal free:/],
  'oom-by-hand': NODE,
  'panic-on-oom': [/panic_on_oom is enabled/],
  'oom-kill-reaped': [/oom_reaper: reaped/],
  'nothing-to-kill': [/no killable|deadlocked|unable to reap/],
  'unreclaimable-slab': [/SUnreclaim|slab_unreclaimable|\d+KB +\d+KB/, /MemTotal|pages RAM|\d+KB +\d+KB/],
  'kmem-accounting-leak': [/3\.10\.0-/, /kmem_cache_create|memcg_|cache: /],
  'slab-allocation-failures': [/Unable to allocate memory/, /cache: /],
  'page-allocation-failures': [/page allocation failure|-order allocation failed/],
  'percpu-exhausted': [/percpu: allocation failed|bytes percpu/i],
  'hardware-memory-errors': [/EDAC|Hardware Error|Memory failure|MCE|mce:/],
  'fault-loop': [/VM_FAULT_OOM/],
  'pids-limit': [/fork rejected/],
  'reclaim-stalls': [/page allocation stalls/],
  'balloon-short': [/_balloon/],
  'conntrack-full': [/table full/],
  'tcp-memory': [/TCP: out of memory/],
  'tcp-orphans': [/orphaned sockets/],
  'neighbours-full': [/table overflow/],
  'route-cache-full': [/cache is full|cache overflow/],
  'file-limit': [/file-max limit/],
  'swap-errors': [/error on swap-device/],
  'damaged-pages': [/Bad page|Bad swap|Bad rss/],
  'swap-nearly-used': [/[Ss]wap|kbswp|Swp|NAME|Filename/],
  'commit-limit': [/enough memory/],
  'cma-exhausted': [/alloc failed, req-size/],
  'killed-at-fault': [/VM: killing process/],
  'vmalloc-exhausted': [/vmap allocation/],
  'vmalloc-without-pages': [/vmalloc/],
  'vmalloc-bad-request': [/vmalloc/],
  'kernel-allocation-failed': [/kmem_cache_create|memcg|cgroup:/],
  'kmemleak-suspects': [/kmemleak/],
  'kernel-part-without-memory': [
    /deadlock|swiotlb|SW-IOMMU|to allocate (?:memory|buffer)|atomic allocation|\*ERROR\*|NVRM|couldn't allocate|Out of memory|HugeTLB/,
  ],
  'stood-still': [/for more than|soft lockup|detected stall|self-detected/],
  'rcu-starved': [/OOM is now expected/],
  swapping: [/procs|swpd/],
  'dying-cgroups': [/^memory\s/, /^\d+$/],
  'cgroup-frozen': [/under_oom/, /oom_kill_disable/],
  'cgroup-at-limit': [
    /memory\.(?:current|usage|usage_in_bytes)|MEM USAGE/,
    /memory\.(?:max|usage_limit|limit_in_bytes)|MEM USAGE/,
  ],
  'cgroup-oom-kills-counted': [/oom_kill/],
  'oom-kills-counted': [/oom_kill/],
  'memory-pressure': [/avg60/],
  'cgroup-pressure': [/avg60/],
  'kernel-memory-large': [/PageTables|Percpu/, /MemTotal/],
  'pinned-cache': [/Shmem/, /MemTotal/],
  'no-large-blocks': [/, type +\w+ +\d|^Node \d+, zone/],
  'memory-nearly-used': [
    /MemAvailable|Area +Used|free memory|Mem ?:|MEM \||Speicher:|kbmemfree|free memory|available|avail Mem|MEMORY%/,
    /MemTotal|Area +Used|Mem ?:|MEM \||Speicher:|kbmemfree|total memory|MEMORY%/,
  ],
}

async function listCertain(text: string): Promise<readonly string[]> {
  const { diagnoses } = await analyzeText(text)
  return diagnoses.flatMap(({ name, certainty }) => (certainty === 'certain' ? [name] : []))
}

const MOST_FIXTURES = 2
const examples = new Map<string, string[]>()
for (const [fixture, text] of TEXTS)
  for (const rule of await listCertain(text)) examples.set(rule, [...(examples.get(rule) ?? []), fixture])

test('every finding that is certain somewhere has its proof in the table', () => {
  expect([...examples.keys()].filter(rule => !(rule in PROOFS))).toEqual([])
  expect(Object.keys(PROOFS).filter(rule => !examples.has(rule))).toEqual([])
})

const cases = [...examples].flatMap(([rule, fixtures]) =>
  (PROOFS[rule] ?? []).flatMap(proof => fixtures.slice(0, MOST_FIXTURES).map(fixture => ({ rule, proof, fixture }))),
)

test.each(cases)('$rule is not certain without $proof in $fixture', async ({ rule, proof, fixture }) => {
  const text = TEXTS.get(fixture)!
  const left = text.split('\n').filter(line => !proof.test(line.replace(/\r$/, '')))
  expect(left.length).toBeLessThan(text.split('\n').length)
  expect(await listCertain(left.join('\n'))).not.toContain(rule)
})
