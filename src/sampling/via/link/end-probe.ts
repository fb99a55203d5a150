// A second run of an ssh or a shell that stays silent, with one line and the end of its input: fish runs nothing before that end, cat
// prints the line, and `sh -n` ends without an error and without the line's output.
import { type FarShell, startFarShell } from './far-shell.ts'
import { addSshDefaults } from './ssh-defaults.ts'

const PROBE_AFTER = 5000 // ms of silence, after which the command is run again
const PATIENCE = 3000 // ms in which the first run, which began earlier, may still answer, and twice as long as the second took
const MAX_TEXT = 4096 // characters of what it prints
const MAX_QUOTED = 300 // characters of these that are shown
/** What may run twice: a login shell over ssh, or a program of this machine that is no shell we can use. */
const HARMLESS = /^(?:exec\s+)?(?:\S*\/)?(?:ssh|sudo|[a-z]{0,4}sh|cat|tee)(?:\s|$)/
/** What may not, whatever is before it: it would make a second pod or container, or take the line for a password. */
const ONCE = /(?:^|[^\w-])(?:kubectl|oc|docker|podman|nerdctl|crictl|ctr|lxc|virsh|su|doas|pkexec|login)(?:\s|$)/

/** Whether a command may be run a second time without a trace. */
export const mayRunTwice = (command: string): boolean => HARMLESS.test(command.trim()) && !ONCE.test(command)

/** Finds out what a command does with its input when nothing comes of it. */
export class EndProbe {
  private readonly command: string
  private readonly mark: string
  private readonly line: string
  private readonly ending: string
  private shell: FarShell | undefined
  private output = ''
  private begunAt: number | undefined
  private endedAt: number | undefined

  /** @param nonce what the answer has in it */
  constructor(command: string, nonce: string) {
    this.command = command
    this.mark = `kmemtop-probe-${nonce}`
    this.line = `echo kmemtop''-probe-${nonce}\n` // what prints it as it is does not run it
    this.ending = `\nkmemtop-end-${nonce}-`
  }

  /** Why a first run of which no collector has come will not answer; undefined if it may. `waited`: milliseconds since it began. */
  judge(waited: number, getOutput: () => string): string | undefined {
    if (waited < PROBE_AFTER || !mayRunTwice(this.command)) return undefined
    if (this.endedAt === undefined) this.proceed(waited)
    if (this.endedAt === undefined || this.begunAt === undefined) return undefined
    return waited > this.endedAt + PATIENCE + 2 * (this.endedAt - this.begunAt) ? this.describe(getOutput()) : undefined
  }

  close(): void {
    this.shell?.close()
    this.shell = undefined
  }

  private proceed(waited: number): void {
    this.begunAt ??= waited
    this.shell ??= this.start()
    const output = this.shell.readOutput()
    this.output = `${this.output}${output ?? ''}`.slice(0, MAX_TEXT)
    this.shell.readErrors(MAX_TEXT) // so that its stderr does not fill up
    if (output === undefined) this.endedAt = waited
  }

  private start(): FarShell {
    const command = addSshDefaults(this.command, true)
    const shell = startFarShell(`(\n${command}\n)\nprintf '\\n${this.ending.trim()}%s' $?`, { hasTerminal: false })
    try {
      shell.write(this.line)
    } catch {
      // it has ended already
    }
    shell.endInput()
    return shell
  }

  // An end with an error decides nothing: the second run may have been refused, as by ssh, which cannot ask for a password here.
  private describe(first: string): string | undefined {
    const [output = '', code] = this.output.split(this.ending)
    if (output.includes(this.mark))
      return 'nothing comes before its input ends: fish does that (add sh to the command), or a program in between that holds output back'
    if (output.startsWith(this.line)) return 'the command prints what it gets, and is no shell'
    if (output.trim() === '') return code === '0' ? 'the command does not run what it gets, and is no shell' : undefined
    return haveSameBeginning(output, first)
      ? `another program answers, and no shell: ${output.slice(0, MAX_QUOTED).replace(/\s+/g, ' ').trim()}`
      : undefined
  }
}

// Both runs printed the same, and neither ran what it got: a menu, a prompt of a database.
function haveSameBeginning(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length, MAX_QUOTED)
  return b.trim() !== '' && a.slice(0, length) === b.slice(0, length)
}
