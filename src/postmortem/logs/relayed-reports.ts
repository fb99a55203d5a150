// RelayedReports: OOM reports under the name of a program. It may pass the kernel log on, or have made them up.
import { emptyOomState } from '../../collectors/kmsg/consume-record.ts'
import type { KernelRecord } from '../../collectors/kmsg/kernel-record.ts'
import { canBeOomLine } from '../../collectors/kmsg/memory-lines.ts'
import { consumeOomRecord, type OomState } from '../../collectors/kmsg/oom/oom-assembler.ts'
import { BootTracker } from './boot-tracker.ts'
import { type LogLine, toKernelLine } from './lines/log-line.ts'
import type { LogLocation, RelayedKill } from './log-contents.ts'
import { ResultLocations } from './result-locations.ts'

const MAX_KEPT = 500

/** Puts the reports of each program together, apart from those of the kernel. */
export class RelayedReports {
  private state: OomState = emptyOomState
  private count = 0
  private readonly locations = new ResultLocations()
  private readonly programs = new Map<number, string | null>()
  private readonly boots = new BootTracker() // knows no clock: the stamps are the program's

  get isOpen(): boolean {
    return this.state.reports.some(({ victim }) => victim === null)
  }

  /** Takes a line of a program. */
  addLine({ program, text: raw }: LogLine, { time, ...record }: KernelRecord, place: LogLocation): void {
    const text = toKernelLine(raw, { format: 'relayed' }).text
    if (this.state.oomKills.length >= MAX_KEPT || (this.state.reports.length === 0 && !canBeOomLine(text))) return
    this.count++
    this.locations.addMessage(this.count, place)
    const before = this.state.oomKills
    const own = { ...record, time, text, facility: 0, sequence: this.count, unnumbered: true, caller: program ?? '' }
    this.state = consumeOomRecord(this.state, own as KernelRecord)
    for (const kill of this.state.oomKills.slice(before.length)) {
      this.locations.addResult(kill, this.boots, place.boot)
      this.programs.set(kill.sequence ?? -1, program)
    }
  }

  /** Returns the kills that programs passed on. */
  finish(): readonly RelayedKill[] {
    return this.state.oomKills.map(kill => ({
      kill,
      location: this.locations.get(kill.sequence)!,
      program: this.programs.get(kill.sequence ?? -1) ?? null,
    }))
  }
}
