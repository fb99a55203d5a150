// The files of --log. They are read one after another: one that does not answer holds one thread of Node's pool, and not those that
// everything else needs.
import { getErrorMessage } from '../../base/errors.ts'
import { SECOND } from '../../base/units.ts'
import { getMachineTime, waitAtMost } from '../../sampling/clock.ts'
import { type Addition, LogTail } from './log-tail.ts'

const MAX_WAIT = 500 // ms that what was read of other files waits for a slow one
const REPORT_AFTER = 5 * SECOND

/** Collects what is added to log files. */
export class LogReader {
  private readonly tails = new Map<string, LogTail>()
  private readonly changed = new Set<string>()
  private readonly showProblem: (text: string) => void
  private additions: Record<string, Addition> = {}
  private current: { readonly path: string; readonly since: number } | undefined
  private readonly reported = new Set<string>()

  /** @param showProblem called once for each file that cannot be read, or does not answer */
  constructor(showProblem: (text: string) => void) {
    this.showProblem = showProblem
  }

  get paths(): readonly string[] {
    return [...this.tails.keys()]
  }

  /** Adds a file, which is read from its start. */
  add(path: string): void {
    this.tails.set(path, new LogTail(path))
    this.changed.add(path)
  }

  /** Leaves out what the files hold now. */
  async openAtEnd(): Promise<void> {
    await waitAtMost(
      REPORT_AFTER,
      this.runInTurn(this.paths, tail => tail.openAtEnd()),
    )
  }

  /** The files that changed are read by the next call of `takeAdditions`. */
  noteChange(...paths: readonly string[]): void {
    for (const path of paths) this.changed.add(path)
  }

  /** Reads the files that changed, and returns what was added to files since the last call. */
  async takeAdditions(): Promise<Readonly<Record<string, Addition>>> {
    if (this.current === undefined) await waitAtMost(MAX_WAIT, this.readChanged())
    else this.reportSlow(this.current)
    const { additions } = this
    this.additions = {}
    return additions
  }

  close(): void {
    for (const tail of this.tails.values()) void tail.close().catch(() => {})
  }

  private readChanged(): Promise<void> {
    const paths = [...this.changed]
    this.changed.clear()
    return this.runInTurn(paths, async (tail, path) => {
      this.additions[path] = await tail.readAddition()
    })
  }

  private async runInTurn(
    paths: readonly string[],
    run: (tail: LogTail, path: string) => Promise<void>,
  ): Promise<void> {
    for (const path of paths) {
      const tail = this.tails.get(path)
      if (!tail) continue
      this.current = { path, since: getMachineTime() }
      await run(tail, path).catch(error => this.report(path, `cannot be read: ${getErrorMessage(error)}`))
    }
    this.current = undefined
  }

  private reportSlow({ path, since }: { readonly path: string; readonly since: number }): void {
    if (getMachineTime() - since < REPORT_AFTER) return
    this.report(path, `has not answered for ${REPORT_AFTER / SECOND} s: no log is counted until it does`)
  }

  private report(path: string, text: string): void {
    if (this.reported.has(path)) return
    this.reported.add(path)
    this.showProblem(`--log ${path}: ${text}`)
  }
}
