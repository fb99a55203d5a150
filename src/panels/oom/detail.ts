// An OOM kill behind Enter: who asked, whose limit, who died and why that one, what the memory was, and the task table.
import { formatAge, formatBytes, formatCount, formatDateTime, formatPercent } from '../../base/format.ts'
import { findOwner, formatCgroupName, formatOwner } from '../../collectors/container-names.ts'
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import { formatGfpMask } from '../../collectors/kmsg/gfp-mask.ts'
import type { MemInfoBlock } from '../../collectors/kmsg/mem-info-block.ts'
import { describeNodes, type MemcgCounter, type OomKill, type TaskRow } from '../../collectors/kmsg/oom-kill.ts'
import { formatLargestProcesses, isRowOf } from '../../collectors/kmsg/oom-tasks.ts'
import { estimatePageSize } from '../../collectors/kmsg/page-size.ts'
import type { Remedy } from '../../detectors/detector.ts'
import { type CorrelatedKill, getCorrelatedKills } from '../../detectors/oom/oom-correlation.ts'
import { computeRss, listOomRemedies } from '../../detectors/oom/oom-kill.ts'
import { type History, NOT_IN_LOG } from '../../history.ts'
import { computeMemoryParts, type MemoryPart } from '../../postmortem/kill-groups.ts'
import type { Detail } from '../panel.ts'

type Fact = readonly [name: string, value: string]

/** The kill whose `Killed process` line has this record number. */
export function buildKillDetail(history: History, sequence: number): Detail | undefined {
  const correlated = getCorrelatedKills(history).find(({ kill }) => kill?.sequence === sequence)
  const kill = correlated?.kill
  if (!correlated || !kill) return undefined
  const pageSize = estimatePageSize(kill) ?? history.session.pageSize
  const isLog = history.sources.cgroups?.error === NOT_IN_LOG // its other views are empty
  return {
    title: `OOM kill of ${kill.victim.comm}[${kill.victim.pid}]`,
    tone: 'critical',
    introduction: [describeKill(kill, path => formatCgroupName(history, path))],
    graphs: [],
    facts: [
      ['when', `${formatDateTime(history.session.wallClock + kill.time)}, ${formatAge(history.time - kill.time)}`],
      ...(kill.global ? [] : listLimitFacts(kill)),
      ...listMemoryFacts(kill, pageSize),
      ['victim held', describeVictim(kill)],
      ['why that one', explainVictimChoice(kill, pageSize)],
      ['asked for', describeRequest(kill)],
      ['seen by', correlated.witnesses.join(', ')],
      ...listNameFacts(kill, pageSize),
      ...listTaskFacts(kill, pageSize),
      ...(kill.global ? listNodeFacts(kill.memInfo, pageSize) : []),
      ['limit of', kill.oomMemcg === null ? (kill.global ? describeNodes(kill) : 'not told') : kill.oomMemcg],
      [
        'died in',
        correlated.cgroup === null ? 'not told' : correlated.cgroup === kill.oomMemcg ? 'the same' : correlated.cgroup,
      ],
      ...listContainerFacts(history, correlated.cgroup ?? kill.oomMemcg),
    ],
    remedies: listRemedies(correlated, kill, pageSize, isLog),
  }
}

// Of a saved log the other views are empty; what it was rules out what it may have been.
function listRemedies(correlated: CorrelatedKill, kill: OomKill, pageSize: number, isLog: boolean): readonly Remedy[] {
  const top = computeMemoryParts(kill, pageSize)[0]?.name
  const isKnown = top !== undefined && top !== 'page cache'
  return [
    ...listCauseRemedies(top),
    ...listOomRemedies(correlated, { views: !isLog, filledBy: isKnown ? 'known' : 'unknown' }),
  ]
}

// What follows from what filled it: a process dies for what the kernel or a tmpfs holds.
function listCauseRemedies(top: MemoryPart['name'] | undefined): readonly Remedy[] {
  switch (top) {
    case 'slab':
      return [{ text: 'slab holds most of it: see which cache', command: 'slabtop -o -s c | head -20', risk: 'none' }]
    case 'shared (tmpfs)':
      return [
        {
          text: 'tmpfs files fill it (emptyDir medium Memory, /dev/shm) and stay after the kill: delete them, set a sizeLimit',
          risk: 'low',
        },
      ]
    case 'kernel':
      return [
        {
          text: 'the kernel’s own memory fills it: sockets, open files, dentries of its processes; see which cache grows',
          risk: 'none',
        },
      ]
    default:
      return []
  }
}

function describeKill(kill: OomKill, formatPath: (path: string) => string): string {
  const { victim, invoker, global, oomMemcg, taskMemcg, complete, alsoKilled, sysrq } = kill
  if (sysrq === true)
    return `Somebody asked for a kill by hand (SysRq f); the kernel killed ${victim.comm}[${victim.pid}].`
  const trigger = invoker ? `${invoker.comm} asked for memory when ` : ''
  const limit = global
    ? `${describeNodes(kill)} had none left`
    : oomMemcg === null
      ? global === null && taskMemcg === null
        ? 'memory ran out, of a cgroup or of the whole node'
        : 'a cgroup was at its limit'
      : `${formatPath(oomMemcg)} was at its limit`
  const other = taskMemcg !== null && oomMemcg !== null && taskMemcg !== oomMemcg ? ` of ${formatPath(taskMemcg)}` : ''
  const group = alsoKilled.length > 0 ? `, and ${alsoKilled.length} more with it (memory.oom.group)` : ''
  const part = complete
    ? ''
    : ' Only a part of the report is in the log: rate-limited, overwritten, or begun before it.'
  return `${trigger}${limit}; the kernel killed ${victim.comm}[${victim.pid}]${other}${group}.${part}`
}

function listContainerFacts({ names }: History, path: string | null): readonly Fact[] {
  if (path === null) return []
  const { podUid, containerId, runtime } = parseContainerPath(path)
  const owner = findOwner(names, path)
  return [
    ...(owner ? [['which is', formatOwner(owner)] as const] : []),
    ...(podUid === null ? [] : [['pod', podUid] as const]),
    ...(containerId === null
      ? []
      : [['container', `${containerId}${runtime === null ? '' : ` (${runtime})`}`] as const]),
  ]
}

// v1, which alone tells kmem, counts memory and swap together
const listLimitFacts = ({ memory, swap, kmem }: OomKill): readonly Fact[] => [
  ['memory', formatCharge(memory)],
  ...(swap && (kmem || swap.usage > 0 || Number.isFinite(swap.limit))
    ? [[kmem ? 'memory + swap' : 'swap', formatCharge(swap)] as const]
    : []),
  ...(kmem ? [['kernel memory', formatCharge(kmem)] as const] : []),
]

const formatCharge = (counter: MemcgCounter | null): string =>
  counter === null
    ? 'not told'
    : `${formatBytes(counter.usage)} of ${Number.isFinite(counter.limit) ? formatBytes(counter.limit) : 'no limit'}, limit hit ${formatCount(counter.failcnt)} times`

function listNodeFacts(info: MemInfoBlock | null, pageSize: number): readonly Fact[] {
  if (info === null) return [['node', 'not told']]
  const zones = info.zones.map(({ node, name, free, min, blocks }): Fact => {
    const largest = blocks === null ? -1 : blocks.findLastIndex(number => number > 0)
    const block = largest < 0 ? '' : `, largest block order ${largest}`
    return [
      `zone ${name}${node === null ? '' : ` of node ${node}`}`,
      `free ${formatBytes(free ?? undefined)}, kept back ${formatBytes(min ?? undefined)}${block}`,
    ]
  })
  const { RAM } = info.pages
  const { swapTotal, swapFree } = info
  const swap = swapTotal
    ? `${formatBytes(swapTotal)}, ${formatBytes(swapFree ?? undefined)} free`
    : swapTotal === 0
      ? 'none'
      : 'not told'
  return [['RAM', RAM === undefined ? 'not told' : formatBytes(RAM * pageSize)], ['swap', swap], ...zones]
}

function listMemoryFacts(kill: OomKill, pageSize: number): readonly Fact[] {
  const parts = computeMemoryParts(kill, pageSize)
  if (parts.length === 0) return [['it was', 'not told']]
  const total = kill.memory?.usage ?? (kill.memInfo?.pages.RAM ?? 0) * pageSize
  const formatShare = (part: number): string => (total > 0 ? ` (${formatPercent(part / total)})` : '')
  const slab = [...kill.unreclaimableSlab].sort((a, b) => b.total - a.total).slice(0, 5)
  return [
    ['it was', parts.map(part => `${part.name} ${formatBytes(part.bytes)}${formatShare(part.bytes)}`).join(', ')],
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

function describeVictim({ victim }: OomKill): string {
  const formatPart = (name: string, value: number | null): string => (value ? `, ${name} ${formatBytes(value)}` : '')
  const { anonRss, fileRss, shmemRss, pgtables, oomScoreAdj } = victim
  const adj = oomScoreAdj === null ? '' : `, oom_score_adj ${oomScoreAdj}`
  return `${formatBytes(computeRss(victim))}${formatPart('anon', anonRss)}${formatPart('file', fileRss)}${formatPart('shmem', shmemRss)}${formatPart('page tables', pgtables)}${adj}`
}

// The kernel kills the one with the most pages, plus oom_score_adj thousandths of what there is: mm/oom_kill.c oom_badness.
function explainVictimChoice({ tasks, victim, invoker }: OomKill, pageSize: number): string {
  const own = tasks.find(row => isRowOf(row, victim.pid))
  if (!own)
    return tasks.length === 0 ? 'not told: the report has no task table' : 'not told: the table does not list it'
  const position = sortByRss(tasks).indexOf(own) + 1
  const adj = own.columns.oom_score_adj ?? 0
  const exempt = tasks.filter(task => task.columns.oom_score_adj === -1000).length
  const rank = position === 1 ? 'the largest' : `number ${position}`
  const among =
    tasks.length === 1 ? 'the only task there' : `${rank} of ${formatCount(tasks.length)} tasks by resident memory`
  const rankText = `${among} (${formatBytes((own.columns.rss ?? 0) * pageSize)})`
  const adjustment =
    adj > 0 ? `, made a better victim by oom_score_adj ${adj}` : adj < 0 ? `, in spite of oom_score_adj ${adj}` : ''
  const exemption = exempt > 0 ? `; ${formatCount(exempt)} exempt by oom_score_adj -1000` : ''
  return `${rankText}${adjustment}${exemption}${invoker?.pid === victim.pid ? '; it asked for the memory itself' : ''}`
}

const describeRequest = ({ invoker }: OomKill): string =>
  invoker
    ? `${invoker.comm}${invoker.pid === null ? '' : `[${invoker.pid}]`}: ${invoker.order > 0 ? `${2 ** invoker.order} pages in a row` : 'a page'}, order ${invoker.order}, ${formatGfpMask(invoker.gfpMask)}`
    : 'not told'

// Where several processes bear one name: many small ones outweigh a large one.
const listNameFacts = ({ tasks }: OomKill, pageSize: number): readonly Fact[] =>
  new Set(tasks.map(({ comm }) => comm)).size < tasks.length
    ? [['by name', formatLargestProcesses(tasks, pageSize, 4)]]
    : []

const sortByRss = (tasks: readonly TaskRow[]): readonly TaskRow[] =>
  [...tasks].sort((a, b) => (b.columns.rss ?? 0) - (a.columns.rss ?? 0))

const MAX_TASKS = 15

function listTaskFacts({ tasks, victim, memory, memInfo }: OomKill, pageSize: number): readonly Fact[] {
  const limit = memory && Number.isFinite(memory.limit) ? memory.limit : (memInfo?.pages.RAM ?? 0) * pageSize || null
  const limitName = memory ? 'the limit' : 'RAM'
  return sortByRss(tasks)
    .slice(0, MAX_TASKS)
    .map((row, i) => {
      const { pid, comm, columns } = row
      const rss = (columns.rss ?? 0) * pageSize
      const share = limit === null ? '' : ` ${formatPercent(rss / limit).padStart(6)} of ${limitName}`
      const adj = `adj ${columns.oom_score_adj ?? '?'}`.padEnd(9)
      const head = i === 0 ? `tasks (${tasks.length})` : ''
      return [
        isRowOf(row, victim.pid) ? `${head.padEnd(15)} killed` : head,
        `${formatBytes(rss).padStart(9)}${share}  ${adj} ${comm}[${pid}]`,
      ]
    })
}
