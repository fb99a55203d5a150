// What a command is: its name, what it takes on the command line, and what it does.
import type { Option } from 'commander'

/** A command. Its `run` loads what it needs: `--help` reads this table and nothing else. */
export interface CommandDefinition {
  readonly name: string
  /** arguments as commander writes them: `<file>`, `[files...]`; none if undefined */
  readonly files?: string
  /** begins with a verb or a noun; one line in `kmemtop --help` */
  readonly description: string
  readonly options: readonly Option[]
  /**
   * Runs the command.
   * @returns the exit code
   * @throws UserError for what the user can put right
   */
  run(files: readonly string[], options: object): Promise<number>
}
