// The story as JSON: `{ oomKills, events, findings, inputs }`, sizes in bytes, times ISO 8601, unknown is null.
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import { formatGfpMask } from '../../collectors/kmsg/gfp.ts'
import type { MemcgCounter, OomKill, TaskRow } from '../../collectors/kmsg/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/page-size.ts'
import type { Place, ToldEvent, ToldKill } from '../../sources/logs/tale.ts'
import type { Story } from './story.ts'

type Json = Readonly<Record<string, unknown>>

/** Members that `jsonPieces` can print; the long lists are made while they are printed. No limit is the string `max`. */
export function storyJson({ case: of, diagnoses, missing }: Story): Json {
  return {
    oomKills: each(of.kills, killJson),
    events: each(of.events, eventJson),
    findings: diagnoses.map(({ wants: _, ...finding }) => finding),
    missing,
    boots: of.boots.map(({ from, to, ...boot }) => ({ ...boot, from: iso(from), to: iso(to) })),
    suppressedReports: of.suppressed,
    notListed: { oomKills: of.more.kills, events: of.more.events },
    inputs: of.inputs,
  }
}

function* each<T>(told: readonly T[], json: (one: T) => Json): Generator<Json> {
  for (const one of told) yield json(one)
}

const iso = (wall: number | null): string | null => (wall === null ? null : new Date(wall).toISOString())

const placeJson = ({ file, line, boot, wall, bootSeconds }: Place): Json => ({
  time: iso(wall),
  bootSeconds,
  boot,
  source: { file, line },
})

const limitJson = (limit: number): number | string => (limit === Number.POSITIVE_INFINITY ? 'max' : limit)

const chargeJson = (charge: MemcgCounter | null): Json | null =>
  charge && { usage: charge.usage, limit: limitJson(charge.limit), failcnt: charge.failcnt }

function killJson({ kill, place }: ToldKill): Json {
  const path = kill.taskMemcg ?? kill.oomMemcg
  const container = path === null ? null : parseContainerPath(path)
  return {
    ...placeJson(place),
    constraint: kill.constraint,
    nodes: kill.nodes,
    global: kill.global,
    complete: kill.complete,
    sysrq: kill.sysrq,
    invoker: kill.invoker && { ...kill.invoker, gfp: formatGfpMask(kill.invoker.gfpMask) },
    oomMemcg: kill.oomMemcg,
    taskMemcg: kill.taskMemcg,
    oomGroup: kill.oomGroup,
    victim: kill.victim,
    alsoKilled: kill.alsoKilled,
    usage: kill.memory?.usage ?? null,
    limit: kill.memory ? limitJson(kill.memory.limit) : null,
    failcnt: kill.memory?.failcnt ?? null,
    kmem: chargeJson(kill.kmem),
    [kill.kmem ? 'memorySwap' : 'swap']: chargeJson(kill.swap),
    stat: Object.keys(kill.stat).length > 0 ? kill.stat : null,
    tasks: kill.tasks.map(taskJson),
    unreclaimableSlab: kill.unreclaimableSlab,
    memInfo: kill.memInfo,
    pageSize: estimatePageSize(kill),
    pod: container?.podUid || container?.containerId ? container : null,
    reaped: kill.reaped,
    witnesses: ['kmsg'],
    logLines: linesJson(kill, place),
  }
}

// Record numbers to lines of the file, counted back from the line that it was found at.
function linesJson({ logLines, sequence }: OomKill, { line }: Place): Json | null {
  if (logLines === null || sequence === null) return null
  return { first: Math.max(1, line - (sequence - logLines.first)), last: line + (logLines.last - sequence) }
}

// Pages, as the kernel prints them: see `pageSize`.
const taskJson = ({ pid, comm, columns }: TaskRow): Json => ({ pid, comm, ...columns })

const eventJson = ({ event, place }: ToldEvent): Json => {
  const { time: _, sequence: __, ...details } = event
  return { ...placeJson(place), ...details }
}
