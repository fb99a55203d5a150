// HostLogs: the machines of a log, by the host name in their lines.
import { type FileLine, HostLog } from './host-log.ts'
import { toHostName } from './lines/host-name.ts'
import type { LogLine } from './lines/log-line.ts'
import type { LogContents } from './log-contents.ts'

interface NamedLog {
  /** without a name until a line has one; a machine may get another one while it boots */
  readonly names: Set<string>
  readonly log: HostLog
}

const MAX_HOSTS = 2000
const EARLY_BOOT = 300 // seconds: until then the network may give a machine its name
const SAME_CLOCK = 5000

/** Keeps a log for each machine, so that their lines never mix. */
export class HostLogs {
  private readonly kept = { kills: 0, events: 0 }
  private readonly all: NamedLog[] = [{ names: new Set(), log: new HostLog(this.kept) }]
  private readonly byName = new Map<string, NamedLog>()
  private latest = this.all[0]!
  private readonly waiting = new Set<HostLog>()
  private further: NamedLog | undefined

  /** The machine of the last line. A line without a host belongs to it too. */
  get current(): HostLog {
    return this.latest.log
  }

  get isWaiting(): boolean {
    return this.waiting.size > 0
  }

  get hasContents(): boolean {
    return this.all.some(({ log }) => log.hasContents)
  }

  get untrustedLines(): number {
    return this.all.reduce((sum, { log }) => sum + log.untrustedLines, 0)
  }

  /** Takes a message. Returns whether it was used. */
  applyMessage(line: LogLine, at: FileLine): boolean {
    const log = this.select(line)
    const isUsed = log.applyMessage(line, at)
    if (log.isWaiting) this.waiting.add(log)
    else this.waiting.delete(log)
    return isUsed
  }

  /** Returns the machine that wrote a line. */
  select(line: LogLine): HostLog {
    const name = line.amends ? null : toHostName(line.host)
    const known = name === null ? undefined : this.byName.get(name)
    if (known) this.latest = known
    else if (name !== null && canNameHost(line)) this.latest = this.addName(name, line)
    return this.latest.log
  }

  // Machines beyond the bound share one log without a name. A report ends where another machine speaks.
  private selectFurther(name: string): NamedLog {
    this.further ??= { names: new Set(), log: new HostLog(this.kept) }
    if (this.further.names.size === 0) this.all.push(this.further)
    if (!this.further.names.has(name)) this.further.log.endReports()
    this.further.names.clear()
    this.further.names.add(name)
    return this.further
  }

  /** No more lines. @param files of the log */
  finish(files: readonly string[]): readonly LogContents[] {
    return this.all.map(named => {
      const contents = named.log.finish(files)
      const name = [...named.names].at(-1) ?? null
      const getName = (host: string | null): string | null => (named === this.further ? null : (host ?? name))
      return { ...contents, boots: contents.boots.map(boot => ({ ...boot, host: getName(boot.host) })) }
    })
  }

  private addName(name: string, line: LogLine): NamedLog {
    if (this.byName.size >= MAX_HOSTS) return this.selectFurther(name)
    const isSame = this.latest.names.size === 0 || isRenamed(this.latest.log, line)
    const named = isSame ? this.latest : { names: new Set<string>(), log: new HostLog(this.kept) }
    if (!isSame) this.all.push(named)
    named.names.add(name)
    this.byName.set(name, named)
    return named
  }
}

/** Whether the host of a line is one. Where a program speaks, a word of its text may be where other formats have the host. */
export const canNameHost = ({ facility, format }: LogLine): boolean => facility === 0 || SYSLOG.test(format)
const SYSLOG = /^(?:syslog(?: rfc5424)?|journal.*)$/

/** Whether the boot of the last machine goes on under another name. */
export function isRenamed({ boots }: Pick<HostLog, 'boots'>, { boot, wall, facility }: LogLine): boolean {
  const { toSeconds } = boots.all.at(-1)!
  if (facility !== 0 || boot === null || toSeconds === null || boot < toSeconds || boot > EARLY_BOOT) return false
  const expected = boots.toWallClock(boot)
  return expected === null || wall === null || Math.abs(wall - expected) < SAME_CLOCK
}
