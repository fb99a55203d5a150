// Memory facts of an OOM report: the limit that was hit, what filled it, and the zones of the node.
import { formatBytes, formatCount, formatPercent } from '../../base/format.ts'
import { computeReportRam, type MemInfoBlock } from '../../collectors/kmsg/oom/mem-info-block.ts'
import type { MemcgCounter, OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { computeMemoryParts } from '../../detectors/oom/memory-parts.ts'
import type { Fact } from '../panel.ts'

// only v1 reports kmem, and its swap counter includes memory
/** Lists usage and limit of memory, swap and kernel memory, as the report has them. */
export const listLimitFacts = ({ memory, swap, kmem }: OomKill): readonly Fact[] => [
  ['memory', formatCharge(memory)],
  ...(swap && (kmem || swap.usage > 0 || Number.isFinite(swap.limit))
    ? [[kmem ? 'memory + swap' : 'swap', formatCharge(swap)] as const]
    : []),
  ...(kmem ? [['kernel memory', formatCharge(kmem)] as const] : []),
]

function formatCharge(counter: MemcgCounter | null): string {
  if (counter === null) return 'not in the report'
  const { usage, limit, failcnt } = counter
  if (!Number.isFinite(limit)) return `${formatBytes(usage)}, no limit`
  return `${formatBytes(usage)} of ${formatBytes(limit)}, limit hit ${formatCount(failcnt)} times`
}

/** Returns RAM, swap and zones of the node at a kill, from the Mem-Info block of the report. */
export function listNodeFacts(info: MemInfoBlock | null, pageSize: number): readonly Fact[] {
  if (info === null) return [['node', 'not in the report']]
  const zones = info.zones.map(({ node, name, free, min, blocks }): Fact => {
    const largest = blocks === null ? -1 : blocks.findLastIndex(number => number > 0)
    const block = largest < 0 ? '' : `, largest block order ${largest}`
    return [
      `zone ${name}${node === null ? '' : ` of node ${node}`}`,
      `free ${formatBytes(free ?? undefined)}, reserved (min watermark) ${formatBytes(min ?? undefined)}${block}`,
    ]
  })
  const { swapTotal, swapFree } = info
  const noSwap = swapTotal === 0 ? 'none' : 'not in the report'
  const swap = swapTotal ? `${formatBytes(swapTotal)}, ${formatBytes(swapFree ?? undefined)} free` : noSwap
  return [['RAM', formatRam(info, pageSize)], ['swap', swap], ...zones]
}

function formatRam(info: MemInfoBlock, pageSize: number): string {
  const { RAM, reserved = 0 } = info.pages
  if (RAM === undefined) return 'not in the report'
  const all = formatBytes(computeReportRam(info, pageSize))
  return reserved === 0 ? all : `${all}, of which the kernel reserved ${formatBytes(reserved * pageSize)} at boot`
}

/** Returns what used the memory at a kill, largest first, with the unreclaimable slab caches of the report. */
export function listMemoryFacts(kill: OomKill, pageSize: number): readonly Fact[] {
  const parts = computeMemoryParts(kill, pageSize)
  if (parts.length === 0) return [['memory at the kill', 'not in the report']]
  const total = kill.memory?.usage ?? (kill.memInfo ? computeReportRam(kill.memInfo, pageSize) : 0)
  const formatShare = (part: number): string => (total > 0 ? ` (${formatPercent(part / total)})` : '')
  const slab = [...kill.unreclaimableSlab].sort((a, b) => b.total - a.total).slice(0, 5)
  return [
    [
      'memory at the kill',
      parts.map(part => `${part.name} ${formatBytes(part.bytes)}${formatShare(part.bytes)}`).join(', '),
    ],
    ...(slab.length > 0
      ? [
          [
            'unreclaimable slab',
            slab.map(({ name, total: size }) => `${name} ${formatBytes(size)}`).join(', '),
          ] as const,
        ]
      : []),
  ]
}
