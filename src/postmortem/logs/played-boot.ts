// Which lines of a saved log are played: those of one boot of one machine, the last in which memory was in trouble. Pure.
import { parseEvent } from '../../collectors/kmsg/event-lines.ts'
import { KILLED_LINE } from '../../collectors/kmsg/memory-lines.ts'
import { BootTracker } from './boot-tracker.ts'
import { canNameHost, isRenamed } from './host-logs.ts'
import { toHostName } from './lines/host-name.ts'
import type { LogLine } from './lines/log-line.ts'

const MAX_MESSAGES = 200_000 // messages that are kept of a boot, the newest
const MAX_KEPT = 4 * MAX_MESSAGES // of all machines
const MAX_HOSTS = 2000

interface KeptBoot {
  lines: LogLine[]
  /** number of its last line about trouble; null: none */
  troubleAt: number | null
  kernel: string | null
}

/** The boot that is played. */
export interface PlayedBoot {
  readonly lines: readonly LogLine[]
  readonly kernel: string | null
  /** of the machine, if the log has several */
  readonly host: string | null
  /** boots of that machine in the log */
  readonly boots: number
  /** machines in the log */
  readonly machines: number
}

/** One machine of the log: its last boot, and the last one before it with trouble. */
class Machine {
  readonly boots = new BootTracker()
  name: string | null = null
  private current: KeptBoot = createBoot()
  private best: KeptBoot | undefined

  get chosen(): KeptBoot {
    return this.current.troubleAt !== null || this.best?.troubleAt == null ? this.current : this.best
  }

  add(line: LogLine, number: number): void {
    if (line.amends) this.current.lines.pop()
    else if (this.boots.processLine(line)) this.startNextBoot()
    if (line.facility === 0 && (KILLED_LINE.test(line.text) || parseEvent(line.text) !== undefined))
      this.current.troubleAt = number
    this.current.lines.push(line)
    if (this.current.lines.length > 2 * MAX_MESSAGES) this.trim(MAX_MESSAGES)
    this.current.kernel = this.boots.all.at(-1)!.kernel
  }

  /** Keeps so many of the newest lines. Returns how many there are now. */
  trim(most: number): number {
    for (const boot of [this.current, this.best]) if (boot) boot.lines.splice(0, boot.lines.length - most)
    return this.current.lines.length + (this.best?.lines.length ?? 0)
  }

  private startNextBoot(): void {
    if (this.current.troubleAt !== null || !this.best) this.best = this.current
    this.current = createBoot()
  }
}

const createBoot = (): KeptBoot => ({ lines: [], troubleAt: null, kernel: null })

/** Takes the messages of a log, and keeps those that may be played. */
export class PlayedBootFinder {
  private readonly machines = [new Machine()]
  private readonly byName = new Map<string, Machine>()
  private latest = this.machines[0]!
  private count = 0
  private kept = 0

  add(line: LogLine): void {
    this.count++
    this.select(line).add(line, this.count)
    if (++this.kept <= MAX_KEPT) return
    const each = Math.max(1, Math.floor(MAX_KEPT / 2 / this.machines.length))
    this.kept = this.machines.reduce((sum, machine) => sum + machine.trim(each), 0)
  }

  /** No more lines. */
  choose(): PlayedBoot {
    const best = this.machines.reduce((a, b) => ((b.chosen.troubleAt ?? 0) > (a.chosen.troubleAt ?? 0) ? b : a))
    const machine = best.chosen.troubleAt === null ? this.latest : best
    const { lines, kernel } = machine.chosen
    const machines = this.machines.length
    return {
      lines: lines.slice(-MAX_MESSAGES),
      kernel,
      host: machines > 1 ? machine.name : null,
      boots: machine.boots.all.length,
      machines,
    }
  }

  // A line without a host is of the machine of the line before it.
  private select(line: LogLine): Machine {
    const name = line.amends ? null : toHostName(line.host)
    const known = name === null ? undefined : this.byName.get(name)
    if (known) this.latest = known
    else if (name !== null && canNameHost(line) && this.byName.size < MAX_HOSTS) this.latest = this.addName(name, line)
    return this.latest
  }

  private addName(name: string, line: LogLine): Machine {
    const isSame = this.latest.name === null || isRenamed(this.latest, line)
    const machine = isSame ? this.latest : new Machine()
    if (!isSame) this.machines.push(machine)
    machine.name = name
    this.byName.set(name, machine)
    return machine
  }
}
