// The phases of `kmemtop run` in their order: control period, then each execution of the command and its settle.
import type { Store } from '../../app/store.ts'
import { formatDuration } from '../../base/format.ts'
import type { History } from '../../history.ts'
import type { RunObserver } from '../../loadtest/observer.ts'
import { getMachineTime } from '../../sampling/clock.ts'
import { makeOutputAsync, makeOutputBlocking } from '../terminal/async-output.ts'
import { type ChildCommand, type CommandOutput, startCommand } from './child-command.ts'

/** Milliseconds that a settle lasts at least, and between two checks whether it is over. */
const MIN_SETTLE = 5000
const CHECK_INTERVAL = 1000
/** Milliseconds that a settle lasts longer because the cgroups under test were not read in it. */
const MAX_WAIT = 60_000

/** What a run is made of. */
export interface LoadPlan {
  readonly command: readonly string[]
  /** milliseconds */
  readonly control: number
  /** of each settle, at most */
  readonly settle: number
  readonly repeat: number
}

/** Whom a run reports to. */
export interface LoadListener {
  /** adds a mark to the recording */
  mark(text: string): void
  /** a phase begins */
  showPhase(text: string): void
  /** where the command's output goes; undefined: to the terminal, untouched */
  readonly output: CommandOutput | undefined
}

/** One run. Ctrl-C ends the command and the settle; what was seen is still reported. */
export class LoadRun {
  isInterrupted = false
  private child: ChildCommand | undefined
  private wake: () => void = () => {}
  private readonly store: Store
  private readonly observer: RunObserver
  private readonly plan: LoadPlan
  private readonly listener: LoadListener

  constructor(store: Store, observer: RunObserver, plan: LoadPlan, listener: LoadListener) {
    this.store = store
    this.observer = observer
    this.plan = plan
    this.listener = listener
  }

  /** The second signal kills a command that ignores the first. */
  interrupt(): void {
    this.child?.kill(this.isInterrupted ? 'SIGKILL' : 'SIGTERM')
    this.isInterrupted = true
    this.wake()
  }

  /** @returns the history when the first execution began. @throws UserError if the command cannot be started */
  async execute(sampling: Promise<void>): Promise<History> {
    const { control, repeat } = this.plan
    this.listener.showPhase(`control period of ${formatDuration(control)}`)
    await this.waitFor(control, sampling)
    const begin = this.store.get().history
    for (let count = 1; count <= repeat && !this.isInterrupted; count++) {
      const exitCode = await this.executeOnce(count, sampling)
      if (exitCode !== 0) break // a command that fails does not do the same work each time
    }
    return begin
  }

  private async executeOnce(count: number, sampling: Promise<void>): Promise<number> {
    const { command, repeat, settle } = this.plan
    const { mark, showPhase, output } = this.listener
    const name = repeat === 1 ? 'command' : `execution ${count}`
    showPhase(repeat === 1 ? 'running the command' : `execution ${count} of ${repeat}`)
    this.observer.startIteration(this.getTime())
    mark(`${name} starts`)
    const startedAt = getMachineTime()
    if (!output) makeOutputBlocking() // the command has the terminal itself
    this.child = await startCommand(command, output)
    const exitCode = await this.child.exitCode
    makeOutputAsync()
    this.child = undefined
    mark(`${name} ended`)
    this.observer.endCommand(this.getTime(), exitCode, getMachineTime() - startedAt)
    showPhase(`settling, for ${formatDuration(settle)} at most`)
    await this.waitForSettle(sampling)
    this.observer.endSettle(this.getTime())
    return exitCode
  }

  private waitFor(duration: number, sampling: Promise<void>): Promise<void> {
    const until = this.getTime() + duration
    return this.waitUntil(() => this.getTime() >= until, sampling)
  }

  private waitForSettle(sampling: Promise<void>): Promise<void> {
    const { settle } = this.plan
    const begin = this.getTime()
    let checkAt = begin + Math.min(settle, Math.max(MIN_SETTLE, settle / 3))
    return this.waitUntil(() => {
      const time = this.getTime()
      if (time >= begin + settle) return this.observer.hasReadAll() || time >= begin + settle + MAX_WAIT
      if (time < checkAt) return false
      checkAt = time + CHECK_INTERVAL
      return this.observer.hasSettled()
    }, sampling)
  }

  // Time is that of the samples: a stalled sampler lengthens a phase, it does not empty it.
  private async waitUntil(isOver: () => boolean, sampling: Promise<void>): Promise<void> {
    const reached = new Promise<void>(resolve => {
      this.wake = resolve
      const unsubscribe = this.store.subscribe(() => {
        if (!isOver()) return
        unsubscribe()
        resolve()
      })
    })
    if (!this.isInterrupted) await Promise.race([reached, sampling])
  }

  private getTime = (): number => this.store.get().history.time
}
