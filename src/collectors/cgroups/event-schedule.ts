// Which event files to read in a sample: all of them after a sign of an OOM kill, otherwise some in turn.
import type { Host } from '../collector.ts'
import type { EventWatches } from './event-watches.ts'
import { RoundRobin } from './round-robin.ts'

const MAX_PER_SECOND = 400
/** ms in which each cgroup gets its turn: where nothing announces a kill; where the kernel counts all kills in one number; with a watch. */
const PERIOD = { unannounced: 1000, announced: 90_000, watched: 60_000 }
/** Samples that read all events after a sign: the kernel raises the total just before the counter of the cgroup. */
const READS_AFTER_SIGN = 2

/** How far the turns of the round robin go: `elapsed` ms after the last regular sample, and the share that may be read. */
export interface ReadTurn {
  readonly elapsed: number
  readonly share: number
}

/** Decides when the events of a cgroup are read. */
export class EventSchedule {
  private readonly roundRobin: RoundRobin
  private readonly watchedRoundRobin = new RoundRobin(PERIOD.watched, MAX_PER_SECOND)
  private readonly watches: EventWatches
  /** v1: their tasks wait at the limit (under_oom) without a sign, because the OOM killer is off */
  private readonly killerOff = new Set<string>()
  private readsDue = 0
  private allReadAt = Number.NEGATIVE_INFINITY

  /** @param isAnnounced whether a sign comes with every kill: the total `oom_kill` in vmstat, or the kernel log */
  constructor(isAnnounced: boolean, watches: EventWatches) {
    this.watches = watches
    this.roundRobin = new RoundRobin(PERIOD[isAnnounced ? 'announced' : 'unannounced'], MAX_PER_SECOND)
  }

  /** Records the text of an events file: a v1 cgroup with its OOM killer off is due in every sample. */
  updateEvents(path: string, text: string): void {
    if (text.startsWith('oom_kill_disable 1')) this.killerOff.add(path)
    else this.killerOff.delete(path)
  }

  forget(path: string): void {
    this.killerOff.delete(path)
  }

  /**
   * Returns the paths whose events are due, `elapsed` milliseconds after the last regular sample.
   * @param urgent there was a sign of a kill; other paths than those of the sign wait
   */
  selectDue(paths: readonly string[], time: number, urgent: boolean, turn: ReadTurn): readonly string[] {
    if (urgent) this.readsDue = READS_AFTER_SIGN
    if (this.readsDue > 0 && this.canReadAll(paths.length, time)) {
      this.readsDue--
      this.allReadAt = time
      return paths
    }
    return urgent ? [] : this.selectInTurn(paths, (turns, list) => turns.selectDue(list, turn.elapsed, turn.share))
  }

  /** Returns the paths that `selectDue` would return, and changes nothing. */
  peekDue(paths: readonly string[], time: number, urgent: boolean, turn: ReadTurn): readonly string[] {
    if ((urgent || this.readsDue > 0) && this.canReadAll(paths.length, time)) return paths
    return urgent ? [] : this.selectInTurn(paths, (turns, list) => turns.peekDue(list, turn.elapsed, turn.share))
  }

  private selectInTurn(
    paths: readonly string[],
    take: (turns: RoundRobin, list: readonly string[]) => readonly string[],
  ): readonly string[] {
    const unwatched = this.watches.listUnwatched(paths)
    return [
      ...this.killerOff,
      ...this.watches.listChanged(),
      ...take(this.roundRobin, unwatched),
      ...(unwatched === paths ? [] : take(this.watchedRoundRobin, paths)),
    ]
  }

  // A read takes 10 µs, so one ms of waiting per cgroup keeps it at 1 % of a CPU. The others are read later.
  private canReadAll(count: number, time: number): boolean {
    return count <= MAX_PER_SECOND || time - this.allReadAt >= count
  }
}

/** Returns whether vmstat announces every OOM kill of a v1 tree: since 4.13 the kernel counts the kills of all cgroups there. */
export function isKillAnnounced(host: Pick<Host, 'readFile'>, version: 1 | 2): boolean {
  if (version === 2) return false
  try {
    return /^oom_kill \d/m.test(host.readFile('/proc/vmstat'))
  } catch {
    return false
  }
}
