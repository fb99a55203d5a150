// Why the kernel killed without a cgroup limit: the zones of the report decide, not the sum of the memory.
import { expect, test } from 'vitest'
import { analyzeText } from '../analyze-text.ts'

interface Zone {
  readonly node?: number
  readonly name: string
  readonly free: number
  readonly low: number
  readonly managed: number
  readonly cma?: number
}

const formatZone = ({ node = 0, name, free, low, managed, cma = 0 }: Zone): string =>
  `Node ${node} ${name} free:${free}kB min:${Math.floor(low * 0.8)}kB low:${low}kB high:${Math.floor(low * 1.2)}kB active_anon:0kB managed:${managed}kB free_cma:${cma}kB`

function formatReport(
  mask: string,
  zones: readonly Zone[],
  constraint = 'CONSTRAINT_NONE,nodemask=(null),mems_allowed=0-1',
): string {
  const lines = [
    `kworker/0:1 invoked oom-killer: gfp_mask=${mask}, order=0, oom_score_adj=0`,
    'CPU: 0 PID: 33 Comm: kworker/0:1 Not tainted 5.15.71 #1',
    'Mem-Info:',
    'active_anon:180211 inactive_anon:20112 isolated_anon:0 free:1302114 slab_unreclaimable:12911',
    ...zones.map(formatZone),
    '2064254 pages RAM',
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    '[    902]     0   902   201220    88120   900000        0             0 Xorg',
    `oom-kill:constraint=${constraint.replace(',mems', ',cpuset=/,mems')},global_oom,task_memcg=/,task=Xorg,pid=902,uid=0`,
    'Out of memory: Killed process 902 (Xorg) total-vm:804880kB, anon-rss:340000kB, file-rss:12480kB, shmem-rss:0kB, UID:0 pgtables:878kB oom_score_adj:0',
  ]
  return lines.map((line, i) => `[ 5021.${String(200_001 + i)}] ${line}`).join('\n')
}

const DMA = { name: 'DMA', free: 12, low: 52, managed: 15_896 }
const DMA32 = { name: 'DMA32', free: 30_000, low: 31_888, managed: 3_063_648 }
const FULL = { name: 'Normal', free: 40_000, low: 52_480, managed: 4_953_792 }
const AMPLE = { ...FULL, free: 2_907_324 }

test.each([
  [
    'GFP_DMA',
    '0xcc1(GFP_KERNEL|GFP_DMA)',
    [DMA, AMPLE],
    { name: 'zone-exhausted', certainty: 'certain', title: /zone DMA ran out/ },
  ],
  [
    'GFP_DMA before 4.6',
    '0xd1',
    [DMA, AMPLE],
    { name: 'zone-exhausted', certainty: 'certain', title: /zone DMA ran out/ },
  ],
  [
    'GFP_DMA32',
    '0xcc4(GFP_KERNEL|GFP_DMA32)',
    [DMA, DMA32, AMPLE],
    { name: 'zone-exhausted', certainty: 'certain', title: /zone DMA32 ran out/ },
  ],
  [
    'GFP_DMA on a full node',
    '0xcc1(GFP_KERNEL|GFP_DMA)',
    [DMA, FULL],
    { name: 'node-out-of-memory', certainty: 'certain', title: /whole node/ },
  ],
  [
    'GFP_KERNEL',
    '0xcc0(GFP_KERNEL)',
    [DMA, DMA32, FULL],
    { name: 'node-out-of-memory', certainty: 'certain', title: /whole node/ },
  ],
  [
    'memory that is free again',
    '0xcc0(GFP_KERNEL)',
    [DMA, AMPLE],
    { name: 'node-out-of-memory', certainty: 'likely', title: /had free pages when the report was printed/ },
  ],
  [
    'CMA',
    '0xcc0(GFP_KERNEL)',
    [{ ...AMPLE, cma: 2_890_000 }],
    { name: 'cma-reserved', certainty: 'certain', title: /kept for movable pages/ },
  ],
  [
    'CMA that a movable page may use',
    '0x100cca(GFP_HIGHUSER_MOVABLE)',
    [{ ...FULL, cma: 39_000 }],
    { name: 'node-out-of-memory', certainty: 'certain', title: /whole node/ },
  ],
] as const)('names what was short: %s', async (_, mask, zones, { title, ...expected }) => {
  const [first] = (await analyzeText(formatReport(mask, zones))).diagnoses
  expect(first).toMatchObject({ ...expected, title: expect.stringMatching(title) })
})

test.each([
  [
    'a cpuset',
    'CONSTRAINT_CPUSET,nodemask=(null),mems_allowed=1',
    'memory-nodes-exhausted',
    /memory node 1 of a cpuset/,
  ],
  [
    'a memory policy',
    'CONSTRAINT_MEMORY_POLICY,nodemask=1,mems_allowed=0-1',
    'memory-nodes-exhausted',
    /memory node 1 of a memory policy/,
  ],
  [
    'a cpuset of both nodes',
    'CONSTRAINT_CPUSET,nodemask=(null),mems_allowed=0-1',
    'node-out-of-memory',
    /memory node 0-1 of a cpuset/,
  ],
])('%s, and free memory on another node', async (_, constraint, name, title) => {
  const report = formatReport('0x100cca(GFP_HIGHUSER_MOVABLE)', [AMPLE, { ...FULL, node: 1 }], constraint)
  const [first] = (await analyzeText(report)).diagnoses
  expect(first).toMatchObject({ name, certainty: 'certain', title: expect.stringMatching(title) })
})
