// The timeline of a postmortem as text: kills by cgroup and process, other events by kind, in order of time. Pure.
import { formatBytes, formatCount, formatDateTime, formatDuration } from '../../base/format.ts'
import type { MemoryEvent, PrintedMemory } from '../../collectors/kmsg/memory-event.ts'
import { formatGfpMask } from '../../collectors/kmsg/oom/gfp-mask.ts'
import { describeNodes, type OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import { computeRss } from '../../detectors/oom/kill-text.ts'
import { computeNodeCause } from '../../detectors/oom/node-cause.ts'
import type { LogEvidence } from '../evidence.ts'
import { getHost, listHosts } from '../hosts.ts'
import type { KillGroup } from '../kill-groups.ts'
import type { LogLocation } from '../logs/log-contents.ts'
import type { Postmortem } from '../postmortem.ts'
import { describeKilled } from '../rules/killed-by-signal.ts'
import { describeOwner, describeScope } from '../rules/oom-kills.ts'
import { describeProgramKill } from '../rules/other-killers.ts'
import { sortByTime } from '../time-order.ts'

interface TimelineEntry {
  readonly place: LogLocation
  readonly text: string
}

const MOST_ENTRIES = 200

/** Lists kills by cgroup and process, and events by kind, each at the time of its first occurrence. */
export function formatTimeline(postmortem: Postmortem): readonly string[] {
  const entries = [...postmortem.groups.map(createKillEntry), ...createEventEntries(postmortem.evidence)]
  const sorted = sortByTime(entries.map(entry => ({ ...entry, location: entry.place })))
  const isOneHost = listHosts(postmortem.evidence).length === 0
  const lines = sorted.slice(0, MOST_ENTRIES).map(({ place, text }) => {
    const host = isOneHost ? null : getHost(postmortem.evidence, place)
    return `${formatTime(place)}  ${host === null ? '' : `${host}: `}${text}`
  })
  const rest = sorted.length - lines.length
  return lines.length === 0
    ? []
    : ['WHAT HAPPENED', ...lines, ...(rest > 0 ? [`… and ${formatCount(rest)} more, see --json`] : [])]
}

function formatTime({ wall, bootSeconds }: LogLocation): string {
  if (wall !== null) return formatDateTime(wall)
  return bootSeconds === null ? 'time unknown       ' : `boot +${formatDuration(bootSeconds * 1000)}`.padEnd(19)
}

function createKillEntry({ owner, comm, count: times, others, first, last, kill, global }: KillGroup): TimelineEntry {
  const where = global ? describeNodeCause(kill) : describeLimit(global, owner)
  const limit =
    kill.memory && Number.isFinite(kill.memory.limit)
      ? `, ${formatBytes(kill.memory.usage)} of ${formatBytes(kill.memory.limit)}`
      : ''
  const rss = computeRss(kill.victim)
  const repeated = times > 1 ? ` ${formatCount(times)} times, until ${formatTime(last).trim()}` : `[${kill.victim.pid}]`
  const group =
    kill.oomGroup === null
      ? ''
      : `, its whole cgroup with it (memory.oom.group)${others.length > 0 ? `: ${others.join(', ')}` : ''}`
  const isAsked = kill.invoker !== null && kill.sysrq !== true && kill.invoker.comm !== comm
  const invokerText = isAsked ? `; ${kill.invoker!.comm} asked for memory` : ''
  const part = describeDoubt(kill)
  const size = rss === undefined ? '' : `, held ${formatBytes(rss)}`
  return { place: first, text: `OOM kill ${comm}${repeated}: ${where}${limit}${size}${group}${invokerText}${part}` }
}

const describeLimit = (global: boolean | null, owner: string | null): string =>
  global === null && owner === null ? 'limit unknown' : `limit of ${describeOwner(owner)}`

function describeDoubt({ complete, likely }: OomKill): string {
  if (likely.length > 0) return ' (the lines before it are likely its own)'
  return complete ? '' : ' (report incomplete)'
}

function describeNodeCause(kill: OomKill): string {
  const cause = computeNodeCause(kill)
  switch (cause.kind) {
    case 'by hand':
      return 'asked for by hand (SysRq f)'
    case 'low memory':
      return `zone ${cause.zone.name} out of low memory`
    case 'fragmented':
      return `no block of order ${cause.order} in zone ${cause.zone.name}`
    case 'zone':
      return `zone ${cause.zone.name} exhausted`
    default:
      return `${describeNodes(kill)} out of memory`
  }
}

function createEventEntries({ events }: LogEvidence): readonly TimelineEntry[] {
  const groups = Map.groupBy(events, ({ event, location: place }) => `${place.boot} ${event.kind} ${getSubject(event)}`)
  return [...groups.values()].map(group => {
    const { event, location: place } = group[0]!
    const repeated =
      group.length > 1 ? `  ${formatCount(group.length)} times, until ${formatTime(group.at(-1)!.location).trim()}` : ''
    return { place, text: `${describeEvent(event)}${repeated}` }
  })
}

// What two events must share to be one entry.
function getSubject(event: MemoryEvent): string {
  switch (event.kind) {
    case 'slab-allocation-failure':
      return `${event.cache} ${event.memcgId !== null}`
    case 'page-allocation-failure':
    case 'page-allocation-stall':
      return `${event.order} ${event.caller}`
    case 'oom-without-kill':
      return `${event.reason} ${event.oomMemcg} ${event.chosen?.comm}`
    case 'program-kill':
      return `${event.program} ${event.action} ${event.victim} ${event.pid} ${event.subject}`
    case 'program-failure':
      return `${event.program} ${event.error} ${event.cgroup !== null} ${event.isMkdir}`
    case 'memory-printed':
      return describePrintedMemory(event)
    case 'hung-task':
    case 'soft-lockup':
    case 'rcu-stall':
      return event.comm
    case 'sigkill':
      return `${event.program} ${event.victim} ${event.pid}`
    default:
      return event.subject ?? ''
  }
}

function describeEvent(event: MemoryEvent): string {
  switch (event.kind) {
    case 'slab-allocation-failure': {
      const own = event.memcgId === null ? '' : ` of memcg ${event.memcgId} (${event.memcg})`
      return `slab cache ${event.cache ?? 'of unknown name'}${own} could not get memory`
    }
    case 'page-allocation-failure':
      return `page allocation failure, order ${event.order}${event.comm === '' ? '' : `, by ${event.comm}`}${event.caller === null ? '' : ` in ${event.caller}`}, ${formatGfpMask(event.mode ?? 'unknown mode')}`
    case 'oom-without-kill': {
      const { global, oomMemcg, chosen, memory, reason } = event
      const used =
        memory && Number.isFinite(memory.limit) ? `, ${formatBytes(memory.usage)} of ${formatBytes(memory.limit)}` : ''
      const who = chosen ? `, chosen ${chosen.comm ?? ''}[${chosen.pid}]` : ''
      return `OOM report of ${describeScope(global, oomMemcg)}${used}${who}, without a kill: ${reason}`
    }
    case 'program-failure': {
      const who = event.program ?? 'a program'
      if (event.cgroup === null) return `${who} says: ${event.text.split('\n')[0]}`
      return `${who} could not ${event.isMkdir ? 'make' : 'write'} the cgroup ${event.cgroup}: ${event.error}`
    }
    case 'program-kill':
      return describeProgramKill(event)
    case 'sigkill':
      return `SIGKILL ended ${describeKilled(event)}`
    case 'oom-reaped':
      return `OOM kill ${event.subject}[${event.count}]: only the line of the OOM reaper is in the log`
    case 'memory-printed':
      return `the kernel printed what its memory was: ${describePrintedMemory(event)}`
    case 'unreclaimable-slab':
      return 'the kernel lists unreclaimable slab: there is more of it than of all pages that can be reclaimed'
    default:
      return event.text.split('\n')[0]!
  }
}

function describePrintedMemory({ memInfo: { pages, pageSize } }: PrintedMemory): string {
  const toBytesText = (count: number | undefined): string => formatBytes((count ?? 0) * (pageSize ?? 4096))
  return `${toBytesText(pages.free)} free, ${toBytesText(pages.slab_unreclaimable)} slab that cannot be reclaimed`
}
