// The postmortem as JSON: `{ oomKills, events, findings, inputs }`, sizes in bytes, times ISO 8601, unknown is null.
import type { JsonObject } from '../../base/json.ts'
import { parseContainerPath } from '../../collectors/kmsg/container.ts'
import { formatGfpMask } from '../../collectors/kmsg/oom/gfp-mask.ts'
import type { MemcgCounter, OomKill, TaskRow } from '../../collectors/kmsg/oom/oom-kill.ts'
import { estimatePageSize } from '../../collectors/kmsg/oom/page-size.ts'
import type { LogEvidence } from '../evidence.ts'
import { getHost } from '../hosts.ts'
import type { LocatedEvent, LocatedKill, LogLocation, RelayedKill } from '../logs/log-contents.ts'
import type { UnreadSummary } from '../logs/unread-lines.ts'
import type { Postmortem } from '../postmortem.ts'
import { countUnread } from './inputs.ts'

/** Members that `jsonPieces` can print; the long lists are made while they are printed. No limit is the string `max`. */
export function toPostmortemJson({ evidence, diagnoses, missing }: Postmortem): JsonObject {
  return {
    oomKills: convertEach(evidence, evidence.kills, toKillJson),
    events: convertEach(evidence, evidence.events, toEventJson),
    relayedKills: convertEach(evidence, evidence.relayed, toRelayedJson),
    unread: sumUnread(evidence),
    findings: diagnoses.map(({ wantedEvidence: _, ...finding }) => finding),
    missing,
    boots: evidence.boots.map(({ from, to, ...boot }) => ({ ...boot, from: toIso(from), to: toIso(to) })),
    suppressedReports: evidence.suppressed,
    notListed: { oomKills: evidence.omitted.kills, events: evidence.omitted.events },
    inputs: evidence.inputs.map(input => ({ ...input, hearsay: input.untrustedLines })), // its name in earlier versions
  }
}

const sumUnread = (evidence: LogEvidence): UnreadSummary => ({
  count: countUnread(evidence),
  examples: evidence.inputs.flatMap(({ unread }) => unread.examples),
})

function* convertEach<T extends { readonly location: LogLocation }>(
  evidence: LogEvidence,
  items: readonly T[],
  toJson: (one: T, host: string | null) => JsonObject,
): Generator<JsonObject> {
  for (const one of items) yield toJson(one, getHost(evidence, one.location))
}

const toIso = (wall: number | null): string | null => (wall === null ? null : new Date(wall).toISOString())

const toLocationJson = ({ file, line, boot, wall, bootSeconds }: LogLocation, host: string | null): JsonObject => ({
  time: toIso(wall),
  bootSeconds,
  boot,
  host,
  source: { file, line },
})

const toLimitJson = (limit: number): number | string => (limit === Number.POSITIVE_INFINITY ? 'max' : limit)

const toChargeJson = (charge: MemcgCounter | null): JsonObject | null =>
  charge && { usage: charge.usage, limit: toLimitJson(charge.limit), failcnt: charge.failcnt }

const toRelayedJson = (relayed: RelayedKill, host: string | null): JsonObject => ({
  ...toKillJson(relayed, host),
  relayed: { program: relayed.program },
})

function toKillJson({ kill, location: place }: LocatedKill, host: string | null): JsonObject {
  const path = kill.taskMemcg ?? kill.oomMemcg
  const container = path === null ? null : parseContainerPath(path)
  return {
    ...toLocationJson(place, host),
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
    limit: kill.memory ? toLimitJson(kill.memory.limit) : null,
    failcnt: kill.memory?.failcnt ?? null,
    kmem: toChargeJson(kill.kmem),
    [kill.kmem ? 'memorySwap' : 'swap']: toChargeJson(kill.swap),
    stat: Object.keys(kill.stat).length > 0 ? kill.stat : null,
    tasks: kill.tasks.map(toTaskJson),
    unreclaimableSlab: kill.unreclaimableSlab,
    memInfo: kill.memInfo,
    pageSize: estimatePageSize(kill),
    likely: kill.likely,
    relayed: null,
    pod: container?.podUid || container?.containerId ? container : null,
    reaped: kill.reaped,
    witnesses: ['kmsg'],
    logLines: toLineRange(kill, place),
  }
}

// Record numbers to lines of the file, counted back from the line that it was found at.
function toLineRange({ logLines, sequence }: OomKill, { line }: LogLocation): JsonObject | null {
  if (logLines === null || sequence === null) return null
  return { first: Math.max(1, line - (sequence - logLines.first)), last: line + (logLines.last - sequence) }
}

// Pages, as the kernel prints them: see `pageSize`.
const toTaskJson = ({ pid, comm, columns }: TaskRow): JsonObject => ({ pid, comm, ...columns })

const toEventJson = ({ event, location: place }: LocatedEvent, host: string | null): JsonObject => {
  const { time: _, sequence: __, ...details } = event
  return { ...toLocationJson(place, host), ...details }
}
