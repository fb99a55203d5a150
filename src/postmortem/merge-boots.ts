// Merges the boots of several logs that are the same boot. Pure.
import { findLargest } from '../base/extremes.ts'
import type { Boot } from './logs/boot-tracker.ts'
import type { LogContents } from './logs/log-contents.ts'

/** A boot, with the log that describes it. */
export interface MergedBoot extends Boot {
  readonly file: string
}

/** Two boots that report the same kill: indices into the boots of all logs, one log after the other. */
export type BootPair = readonly [number, number]

interface LoggedBoot {
  readonly boot: Boot
  readonly log: LogContents
}

/** The merged boots, and for each boot of a log the index of its merged boot. */
export function mergeBoots(
  logs: readonly LogContents[],
  same: readonly BootPair[],
): { readonly boots: readonly MergedBoot[]; readonly at: readonly number[] } {
  const groups: LoggedBoot[][] = []
  const logged = logs.flatMap(log => log.boots.map(boot => ({ boot, log })))
  const at: number[] = []
  for (const [i, one] of logged.entries()) {
    const known = same.find(([first, second]) => second === i && first < i)
    const group = known === undefined ? findBestGroup(groups, one) : at[known[0]]!
    at.push(group < 0 ? groups.push([one]) - 1 : group)
    if (group >= 0) groups[group]!.push(one)
  }
  return { boots: groups.map(mergeGroup), at }
}

function mergeGroup(group: readonly LoggedBoot[]): MergedBoot {
  const [first] = group
  const kernel = group.find(({ boot }) => boot.kernel !== null)?.boot.kernel ?? null
  const commandLine = group.find(({ boot }) => boot.commandLine !== null)?.boot.commandLine ?? null
  const spoke = group.some(({ boot }) => boot.spoke)
  return { ...first!.boot, kernel, commandLine, spoke, file: first!.log.files.join(', ') }
}

// Returns the boot that overlaps most; -1 if it is a different boot.
function findBestGroup(groups: readonly (readonly LoggedBoot[])[], one: LoggedBoot): number {
  const shared = groups.map(group => findLargest(group.map(other => computeOverlap(other, one))))
  const most = findLargest(shared, -1)
  return most < 0 ? -1 : shared.indexOf(most)
}

const SAME_BOOT = 120_000

// Returns the overlap in milliseconds; -1 if they are different boots. With the kernel's clock in both, their start must be equal.
// A wall clock alone is enough for two logs, but within one log only for a repeated text, because clocks are stepped.
function computeOverlap({ boot: a, log }: LoggedBoot, { boot: b, log: own }: LoggedBoot): number {
  if (isDifferent(a.kernel, b.kernel) || isDifferent(a.host, b.host)) return -1
  const [start, other] = [computeStart(a), computeStart(b)]
  if (start !== null && other !== null) return Math.abs(start - other) < SAME_BOOT ? Number.POSITIVE_INFINITY : -1
  if (a.from === null || a.to === null || b.from === null || b.to === null) return -1
  if (log === own) return a.from === b.from ? 0 : -1
  return Math.max(-1, Math.min(a.to, b.to) - Math.max(a.from, b.from))
}

const isDifferent = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b

function computeStart({ from, fromSeconds }: Boot): number | null {
  return from === null || fromSeconds === null ? null : from - fromSeconds * 1000
}
