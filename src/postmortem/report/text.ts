// The postmortem as text for a terminal: diagnoses first, then the timeline, then missing evidence. Control characters are escaped.
import { formatCount, formatDateTime, formatDuration, formatPlural } from '../../base/format.ts'
import { escapeControls } from '../../base/text.ts'
import type { LogEvidence } from '../evidence.ts'
import { listHosts } from '../hosts.ts'
import type { MergedBoot } from '../merge-boots.ts'
import type { Postmortem } from '../postmortem.ts'
import type { Diagnosis } from '../rules/diagnosis.ts'
import { countUnread, formatInputs, formatUnread } from './inputs.ts'
import { formatSnapshots } from './snapshots.ts'
import { formatTimeline } from './timeline.ts'

const MOST_BOOTS = 100
const MOST_DIAGNOSES = 100

/** Lines with an end each. */
export function formatPostmortem(postmortem: Postmortem): string {
  const parts = [
    formatHeading(postmortem),
    formatDiagnoses(postmortem),
    formatTimeline(postmortem),
    formatSnapshots(postmortem.evidence),
    formatMissing(postmortem),
    formatUnread(postmortem.evidence),
    formatInputs(postmortem.evidence),
  ]
  return `${parts
    .filter(part => part.length > 0)
    .map(part => part.map(escapeControls).join('\n'))
    .join('\n\n')}\n`
}

function formatHeading({ evidence, groups, diagnoses: found }: Postmortem): readonly string[] {
  const counted = evidence.omittedKills.reduce((sum, { count }) => sum + count, 0)
  const kills = groups.reduce((sum, { count: times }) => sum + times, 0) + evidence.omitted.kills - counted
  const lead = found[0]?.title ?? describeNothingFound(evidence)
  const left =
    evidence.suppressed > 0 ? `; the kernel left out ${formatPlural(evidence.suppressed, 'report')} (rate limit)` : ''
  const beyond = evidence.omitted.kills + evidence.omitted.events
  const kept =
    beyond > 0
      ? [
          `the first ${formatCount(evidence.kills.length + evidence.events.length)} of them are kept in full, the others are counted`,
        ]
      : []
  const hosts = listHosts(evidence)
  const machines = hosts.length === 0 ? '' : ` on ${formatPlural(hosts.length, 'machine')}`
  const totals = `${formatPlural(kills, 'OOM kill')}, ${formatPlural(evidence.events.length + evidence.omitted.events, 'other memory event')}${machines}${left}`
  return [lead, totals, ...kept, ...formatBoots(evidence)]
}

function describeNothingFound(evidence: LogEvidence): string {
  const { events, inputs: given } = evidence
  const unread = countUnread(evidence)
  if (unread > 0)
    return `${formatPlural(unread, 'line')} ${unread === 1 ? 'looks' : 'look'} like memory trouble but could not be read`
  if (events.length > 0) return 'no diagnosis follows from these events'
  if (given.every(({ format }) => format === null)) return 'no input could be used, see INPUTS'
  const lost = given.filter(({ isLost }) => isLost).length
  if (lost > 0)
    return `nothing about memory trouble found in what was read; ${formatPlural(lost, 'path')} could not be read, see INPUTS`
  const isPartial = given.some(({ format, skipped }) => format !== null && skipped !== null)
  return given.some(({ untrustedLines }) => untrustedLines > 0)
    ? 'nothing about memory trouble in the kernel’s own words; programs speak of OOM kills, see INPUTS'
    : `nothing about memory trouble found${isPartial ? ' in the part that was read, see INPUTS' : ''}`
}

function formatBoots(evidence: LogEvidence): readonly string[] {
  const { boots, kills, omittedKills, events } = evidence
  const isOneHost = listHosts(evidence).length === 0
  const hasKills = (at: number): boolean => kills.some(({ location: place }) => place.boot === at)
  const hasRecords = (at: number): boolean => events.some(({ location: place }) => place.boot === at)
  const isKnown = ({ spoke, kernel, from, fromSeconds }: MergedBoot, at: number): boolean =>
    kernel !== null || ((spoke || hasRecords(at)) && (from ?? fromSeconds) !== null) || hasKills(at)
  const known = boots.flatMap((boot, at) => (isKnown(boot, at) ? [{ boot, at }] : []))
  const lines = known.slice(0, MOST_BOOTS).map(({ boot, at }) => {
    const listed = kills.filter(({ location: place }) => place.boot === at).length
    const counted = omittedKills.reduce((sum, { location, count }) => sum + (location.boot === at ? count : 0), 0)
    const host = isOneHost || boot.host === null ? '' : `${boot.host}: `
    return `${host}boot ${known.length > 1 ? `${at + 1} ` : ''}Linux ${boot.kernel ?? describeRelease(evidence, boot)}, ${formatSpan(boot)}, ${formatPlural(listed + counted, 'OOM kill')} (${boot.file}${hasGuessedYear(evidence, boot) ? ', year guessed' : ''})`
  })
  const more = known.length - lines.length
  return more > 0 ? [...lines, `… and ${formatPlural(more, 'more boot')}, see --json`] : lines
}

const hasGuessedYear = ({ inputs }: LogEvidence, { file, from }: MergedBoot): boolean =>
  from !== null && inputs.some(input => input.guessedYear !== undefined && file.split(', ').includes(input.file))

// What uname printed beside the log.
function describeRelease({ snapshots }: LogEvidence, { file }: MergedBoot): string {
  const files = file.split(', ')
  const release = snapshots.flatMap(one =>
    one.snapshot.kind === 'kernel release' && files.includes(one.file) ? [one.snapshot.release] : [],
  )
  return new Set(release).size === 1 ? `${release[0]} (uname)` : 'of unknown release'
}

function formatSpan({ from, to, fromSeconds, toSeconds }: MergedBoot): string {
  if (from !== null && to !== null) return `${formatDateTime(from)} to ${formatDateTime(to)}`
  if (fromSeconds === null || toSeconds === null) return 'times unknown'
  const [begin, end] = [fromSeconds, toSeconds].map(seconds => formatDuration(seconds * 1000))
  return begin === end ? `${end} after boot` : `from ${begin} to ${end} after boot`
}

function formatDiagnoses({ diagnoses: found }: Postmortem): readonly string[] {
  const lines = found
    .slice(0, MOST_DIAGNOSES)
    .flatMap((one, i) => [...(i === 0 ? ['DIAGNOSIS'] : []), ...formatDiagnosis(one, i)])
  const more = found.length - MOST_DIAGNOSES
  return more > 0 ? [...lines, `… and ${formatPlural(more, 'more finding')}, see --json`] : lines
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

function formatMissing({ missing: missingEvidence }: Postmortem): readonly string[] {
  return missingEvidence.flatMap(({ evidence, why, command }, i) => [
    ...(i === 0 ? ['WHAT IS MISSING, and how to get it from the node'] : []),
    `- ${evidence}: ${why}`,
    `  $ ${command}`,
  ])
}
