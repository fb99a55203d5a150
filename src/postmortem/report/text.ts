// The story as text for a terminal: diagnoses first, then the course of things, then what is missing. Nothing unsafe in it.
import { formatBytes, formatCount, formatDateTime, formatDuration, formatPlural } from '../../base/format.ts'
import { escapeControls } from '../../base/text.ts'
import { formatGfpMask } from '../../collectors/kmsg/gfp-mask.ts'
import type { MemoryEvent } from '../../collectors/kmsg/memory-event.ts'
import { describeNodes } from '../../collectors/kmsg/oom-kill.ts'
import { computeRss } from '../../detectors/oom/oom-kill.ts'
import type { Evidence } from '../evidence.ts'
import type { KillGroup } from '../kill-groups.ts'
import type { LogLocation } from '../logs/log-contents.ts'
import type { InputFile } from '../logs/read-saved-files.ts'
import type { MergedBoot } from '../merge-boots.ts'
import type { Postmortem } from '../postmortem.ts'
import type { Diagnosis } from '../rules/diagnosis.ts'
import { describeOwner, describeScope } from '../rules/oom-kills.ts'

const MOST_USED = 30
const MOST_UNUSED = 20

/** Lines with an end each. */
export function formatPostmortem(postmortem: Postmortem): string {
  const parts = [
    formatHeading(postmortem),
    formatDiagnoses(postmortem),
    formatTimeline(postmortem),
    formatMissing(postmortem),
    formatInputs(postmortem),
  ]
  return `${parts
    .filter(part => part.length > 0)
    .map(part => part.map(escapeControls).join('\n'))
    .join('\n\n')}\n`
}

function formatHeading({ evidence, groups, diagnoses: found }: Postmortem): readonly string[] {
  const kills = groups.reduce((sum, { count: times }) => sum + times, 0) + evidence.omitted.kills
  const lead = found[0]?.title ?? describeNothingFound(evidence)
  const left =
    evidence.suppressed > 0 ? `; the kernel left out ${formatPlural(evidence.suppressed, 'report')} (rate limit)` : ''
  const beyond = evidence.omitted.kills + evidence.omitted.events
  const kept =
    beyond > 0
      ? [`the first ${formatCount(evidence.kills.length + evidence.events.length)} of them are told below`]
      : []
  const totals = `${formatPlural(kills, 'OOM kill')}, ${formatPlural(evidence.events.length + evidence.omitted.events, 'other memory event')}${left}`
  return [lead, totals, ...kept, ...formatBoots(evidence)]
}

function describeNothingFound({ events, inputs: given }: Evidence): string {
  if (events.length > 0) return 'no diagnosis follows from these events'
  return given.some(({ hearsay }) => hearsay > 0)
    ? 'nothing about memory trouble in the kernel’s own words; programs speak of OOM kills, see INPUTS'
    : 'nothing about memory trouble found'
}

function formatBoots({ boots, kills, events }: Evidence): readonly string[] {
  const hasRecords = (at: number): boolean => [...kills, ...events].some(({ location: place }) => place.boot === at)
  const kept = boots.flatMap((boot, at) => (boot.kernel !== null || hasRecords(at) ? [{ boot, at }] : []))
  return kept.map(({ boot, at }) => {
    const own = kills.filter(({ location: place }) => place.boot === at).length
    return `boot ${kept.length > 1 ? `${at + 1} ` : ''}Linux ${boot.kernel ?? 'of a release not told'}, ${formatSpan(boot)}, ${formatPlural(own, 'OOM kill')} (${boot.file})`
  })
}

function formatSpan({ from, to, fromSeconds, toSeconds }: MergedBoot): string {
  if (from !== null && to !== null) return `${formatDateTime(from)} to ${formatDateTime(to)}`
  if (fromSeconds === null || toSeconds === null) return 'times not told'
  return `from ${formatDuration(fromSeconds * 1000)} to ${formatDuration(toSeconds * 1000)} after boot`
}

function formatDiagnoses({ diagnoses: found }: Postmortem): readonly string[] {
  return found.flatMap((one, i) => [...(i === 0 ? ['DIAGNOSIS'] : []), ...formatDiagnosis(one, i)])
}

function formatDiagnosis(
  { name, title, certainty, summary, evidence, remedy }: Diagnosis,
  i: number,
): readonly string[] {
  return [
    `${i + 1}. ${title}  [${name}, ${certainty}]`,
    `   ${summary}`,
    ...evidence.map(text => `   - ${text}`),
    ...remedy.flatMap(({ text, command, risk }) => [
      `   > ${text}${risk === 'none' ? '' : ` (risk: ${risk})`}`,
      ...(command === undefined ? [] : [`     $ ${command}`]),
    ]),
  ]
}

interface TimelineEntry {
  readonly place: LogLocation
  readonly text: string
}

const MOST_ENTRIES = 200

// Kills grouped by cgroup and process, events by kind: each at the place of its first.
function formatTimeline(postmortem: Postmortem): readonly string[] {
  const entries = [...postmortem.groups.map(createKillEntry), ...createEventEntries(postmortem.evidence)]
  const order = new Map(
    [...postmortem.evidence.kills, ...postmortem.evidence.events].map(({ location: place }, i) => [place, i]),
  )
  const getSortKey = ({ place }: TimelineEntry): number =>
    place.wall ?? (place.bootSeconds ?? order.get(place) ?? 0) * 1000
  const sorted = entries.toSorted((a, b) => getSortKey(a) - getSortKey(b))
  const lines = sorted.slice(0, MOST_ENTRIES).map(({ place, text }) => `${formatTime(place)}  ${text}`)
  const rest = sorted.length - lines.length
  return lines.length === 0
    ? []
    : ['WHAT HAPPENED', ...lines, ...(rest > 0 ? [`… and ${formatCount(rest)} more, see --json`] : [])]
}

function formatTime({ wall, bootSeconds }: LogLocation): string {
  if (wall !== null) return formatDateTime(wall)
  return bootSeconds === null ? 'time not told      ' : `boot +${formatDuration(bootSeconds * 1000)}`.padEnd(19)
}

function createKillEntry({ owner, global, comm, count: times, first, last, kill }: KillGroup): TimelineEntry {
  const isKnown = global !== null || owner !== null
  const where = global
    ? `${describeNodes(kill)} out of memory`
    : isKnown
      ? `limit of ${describeOwner(owner)}`
      : 'limit not told'
  const limit =
    kill.memory && Number.isFinite(kill.memory.limit)
      ? `, ${formatBytes(kill.memory.usage)} of ${formatBytes(kill.memory.limit)}`
      : ''
  const rss = computeRss(kill.victim)
  const repeated = times > 1 ? ` ${formatCount(times)} times, until ${formatTime(last).trim()}` : `[${kill.victim.pid}]`
  const group = kill.oomGroup === null ? '' : ', its whole cgroup with it (memory.oom.group)'
  const invokerText = kill.invoker && kill.invoker.comm !== comm ? `; ${kill.invoker.comm} asked for memory` : ''
  const part = kill.complete ? '' : ' (report incomplete)'
  const size = rss === undefined ? '' : `, held ${formatBytes(rss)}`
  return { place: first, text: `OOM kill ${comm}${repeated}: ${where}${limit}${size}${group}${invokerText}${part}` }
}

function createEventEntries({ events }: Evidence): readonly TimelineEntry[] {
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
    case 'program-failure':
      return `${event.program} ${event.error} ${event.cgroup !== null} ${event.isMade}`
    case 'hung-task':
    case 'soft-lockup':
      return event.comm
    default:
      return event.subject ?? ''
  }
}

function describeEvent(event: MemoryEvent): string {
  switch (event.kind) {
    case 'slab-allocation-failure': {
      const own = event.memcgId === null ? '' : ` of memcg ${event.memcgId} (${event.memcg})`
      return `slab cache ${event.cache ?? 'not told'}${own} could not get memory`
    }
    case 'page-allocation-failure':
      return `page allocation failure, order ${event.order}, by ${event.comm}${event.caller === null ? '' : ` in ${event.caller}`}, ${formatGfpMask(event.mode ?? 'mode not told')}`
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
      return `${who} could not ${event.isMade ? 'make' : 'write'} the cgroup ${event.cgroup}: ${event.error}`
    }
    case 'unreclaimable-slab':
      return 'the kernel lists unreclaimable slab: there is more of it than of all pages that can be reclaimed'
    default:
      return event.text.split('\n')[0]!
  }
}

function formatMissing({ missing: missingEvidence }: Postmortem): readonly string[] {
  return missingEvidence.flatMap(({ evidence, why, command }, i) => [
    ...(i === 0 ? ['WHAT IS MISSING, and how to get it from the node'] : []),
    `- ${evidence}: ${why}`,
    `  $ ${command}`,
  ])
}

// Forged in a minute: a program may print what it wants.
function describeUntrusted(lines: number): string {
  if (lines === 0) return ''
  return `; ${formatPlural(lines, 'line')} of it about OOM kills in the name of a program, or of nobody: not the kernel's word, and not counted. If the program only passes the kernel log on, give its text without the prefix (kubectl logs POD | kmemtop analyze -)`
}

function formatInputs({ evidence }: Postmortem): readonly string[] {
  const rankLog = ({ file }: InputFile): number => Number(!evidence.snapshots.some(snapshot => snapshot.file === file))
  const used = evidence.inputs.filter(({ format }) => format !== null).toSorted((a, b) => rankLog(b) - rankLog(a))
  const unused = evidence.inputs.filter(({ format }) => format === null)
  return [
    'INPUTS',
    ...used
      .slice(0, MOST_USED)
      .map(
        ({ file, format, records, skipped, hearsay }) =>
          `${file}: ${format}, ${formatPlural(records, 'line')}${skipped === null ? '' : `; ${skipped}`}${describeUntrusted(hearsay)}`,
      ),
    ...(used.length > MOST_USED ? [`… and ${formatCount(used.length - MOST_USED)} more, see --json`] : []),
    ...unused.slice(0, MOST_UNUSED).map(({ file, skipped }) => `${file}: not used: ${skipped}`),
    ...(unused.length > MOST_UNUSED
      ? [`… and ${formatCount(unused.length - MOST_UNUSED)} more not used, see --json`]
      : []),
  ]
}
