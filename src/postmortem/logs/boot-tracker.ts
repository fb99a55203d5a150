// Finds the lines of a log that belong to one boot, by the kernel's first lines, journalctl's marks, or the kernel's clock.
import { toHostName } from './lines/host-name.ts'
import type { LogLine } from './lines/log-line.ts'

/** One boot, as far as its log describes it. */
export interface Boot {
  /** release, as printed by uname -r */
  readonly kernel: string | null
  readonly commandLine: string | null
  /** the host name up to the first dot, if its lines have one */
  readonly host: string | null
  /** milliseconds since 1970 of its first and last parsed line */
  readonly from: number | null
  readonly to: number | null
  /** seconds since boot of the same lines */
  readonly fromSeconds: number | null
  readonly toSeconds: number | null
  /** it has lines of the kernel itself */
  readonly spoke: boolean
}

const EMPTY: Boot = {
  kernel: null,
  commandLine: null,
  host: null,
  from: null,
  to: null,
  fromSeconds: null,
  toSeconds: null,
  spoke: false,
}
const MIN_STEP_BACK = 10 // seconds by which the kernel's clock must go back to be another boot's: CPUs print out of order
const EARLY_BOOT = 600 // … and then it is young
const MIN_CLOCK_STEP = 10_000
const MAX_BOOTS = 1000

/** Keeps the boots of a log, the current one last. */
export class BootTracker {
  readonly all: Boot[] = [EMPTY]
  /** lines of this boot have the kernel's own stamps: those of syslog may step */
  hasKernelClock = false
  private bootId: string | undefined
  private offset: number | null = null

  get current(): number {
    return this.all.length - 1
  }

  /** Wall clock of a kernel stamp, when a line of this boot had both. */
  toWallClock(seconds: number | null): number | null {
    return seconds === null || this.offset === null ? null : this.offset + seconds * 1000
  }

  /** Processes a line. Returns true if another boot begins with it. */
  processLine(line: LogLine): boolean {
    const isOther = this.isNewBoot(line)
    if (isOther) this.startBoot()
    if (!line.isBootMark) this.updateCurrent(line) // a mark has the stamp of the line before it
    return isOther
  }

  private isNewBoot({ text, facility, boot, bootId, isBootMark }: LogLine): boolean {
    const currentBoot = this.all.at(-1)!
    if (bootId !== undefined && this.bootId !== undefined && bootId !== this.bootId) return true
    if (isBootMark) return currentBoot.from !== null || currentBoot.toSeconds !== null
    if (facility === 0 && VERSION.test(text))
      return currentBoot.kernel !== null || (currentBoot.toSeconds ?? 0) > EARLY_BOOT || currentBoot.from !== null
    const last = currentBoot.toSeconds
    return (
      boot !== null &&
      last !== null &&
      facility === 0 &&
      boot < last - MIN_STEP_BACK &&
      (boot < EARLY_BOOT || boot < last / 2)
    )
  }

  // Returns whether the wall clock was set since the last line with both clocks.
  private updateOffset(boot: number | null, wall: number | null): boolean {
    if (boot === null || wall === null) return false
    const before = this.offset
    this.offset = wall - boot * 1000
    return before !== null && Math.abs(before - this.offset) > MIN_CLOCK_STEP
  }

  private startBoot(): void {
    if (this.all.length < MAX_BOOTS) this.all.push(EMPTY)
    else this.all[this.all.length - 1] = EMPTY
    this.offset = null
    this.hasKernelClock = false
  }

  private updateCurrent({ text, facility, boot, wall, bootId, host }: LogLine): void {
    this.bootId = bootId ?? this.bootId
    if (boot !== null && facility === 0) this.hasKernelClock = true
    const before = this.all.at(-1)!
    const stepped = this.updateOffset(boot, wall) && before.fromSeconds !== null && this.offset !== null
    const release = facility === 0 ? findRelease(text) : null
    const commandLine = facility === 0 ? (/^(?:Kernel c|C)ommand line: (.*)$/.exec(text)?.[1] ?? null) : null
    this.all[this.all.length - 1] = {
      kernel: before.kernel ?? release,
      commandLine: before.commandLine ?? commandLine,
      host: (facility === 0 ? toHostName(host) : null) ?? before.host, // it may get its name while it boots
      // the clock was set: the first line is as long ago as the kernel's clock says
      from: stepped ? this.offset! + before.fromSeconds! * 1000 : (before.from ?? wall),
      to: wall ?? before.to,
      fromSeconds: before.fromSeconds ?? boot,
      toSeconds: boot ?? before.toSeconds,
      spoke: before.spoke || facility === 0,
    }
  }
}

// Linux version 3.10.0-1160.el7.x86_64 (mockbuild@…) …
const VERSION = /^Linux version (\d+\.\d+\S*)/
// CPU: 9 PID: 14881 Comm: java Tainted: G    B          ------------ T 3.10.0-327.4.5.el7.x86_64 #1
// Pid: 9920, comm: tomcat Not tainted 2.6.32-696.el6.x86_64 #1
const IN_TRACE = /^(?:CPU|Pid): \d+.*(?:Not tainted +|Tainted: [A-Z -]*)(\d+\.\d+\.\d\S*) #/
//       Tainted: G           OE    --------- -  - 4.18.0-372.9.1.el8.x86_64 #1        of a task that hangs
const IN_HUNG_TASK = /^ {0,16}(?:Not tainted|Tainted: [A-Z -]{0,40}) (\d+\.\d+\.\d\S*) #/

// Linux node-7 3.10.0-327.el7.x86_64 #1 SMP Thu Nov 19 22:10:57 UTC 2015 x86_64 x86_64 x86_64 GNU/Linux      pasted beside a log
const UNAME = /^Linux \S+ (\d+\.\d\S*) #\d.* GNU\/Linux$/

/** Returns the kernel release in a line: at boot, in every trace, and as printed by uname -a. */
export function findRelease(text: string): string | null {
  return (
    VERSION.exec(text)?.[1] ?? IN_TRACE.exec(text)?.[1] ?? IN_HUNG_TASK.exec(text)?.[1] ?? UNAME.exec(text)?.[1] ?? null
  )
}
