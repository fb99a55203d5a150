// The machines of the evidence: in a central log each has its own diagnosis. Pure.
import type { LogEvidence } from './evidence.ts'
import type { LogLocation } from './logs/log-contents.ts'

type HostEvidence = Pick<LogEvidence, 'boots' | 'kills' | 'events' | 'omittedKills' | 'relayed'>

/** The machine that wrote a line; null if the log does not name it. */
export const getHost = ({ boots }: Pick<LogEvidence, 'boots'>, { boot }: LogLocation): string | null =>
  boots[boot]?.host ?? null

/** Returns the names of the machines that have kills or events, sorted; none if the log has one machine. */
export function listHosts(evidence: HostEvidence): readonly string[] {
  const located = [evidence.kills, evidence.events, evidence.omittedKills, evidence.relayed].flat()
  const names = new Set(located.flatMap(({ location }) => getHost(evidence, location) ?? []))
  return names.size < 2 ? [] : [...names].sort()
}

/** Returns what the logs say of one machine. Lines without a machine have the name null. */
export function selectHost(evidence: LogEvidence, host: string | null): LogEvidence {
  const isOwn = ({ location }: { readonly location: LogLocation }): boolean => getHost(evidence, location) === host
  return {
    ...evidence,
    // indices of boots stay
    boots: evidence.boots.map(boot => (boot.host === host ? boot : { ...boot, kernel: null, commandLine: null })),
    kills: evidence.kills.filter(isOwn),
    events: evidence.events.filter(isOwn),
    omittedKills: evidence.omittedKills.filter(isOwn),
    relayed: evidence.relayed.filter(isOwn),
    snapshots: host === null ? evidence.snapshots : [],
  }
}
