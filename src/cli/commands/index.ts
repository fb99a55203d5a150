// The table of commands. To add one, write its file and add it here: the command line and --help follow.
import { agentCommand } from './agent.ts'
import { analyzeCommand } from './analyze.ts'
import { checkCommand } from './check.ts'
import { collectorCommand } from './collector.ts'
import type { CommandDefinition } from './command.ts'
import { completionCommand } from './completion.ts'
import { cutCommand } from './cut.ts'
import { diffCommand } from './diff.ts'
import { dumpCommand } from './dump.ts'
import { fleetCommand } from './fleet.ts'
import { infoCommand } from './info.ts'
import { markCommand } from './mark.ts'
import { recordCommand } from './record.ts'
import { redactCommand } from './redact.ts'
import { replayCommand } from './replay.ts'
import { reportCommand } from './report.ts'
import { runCommand } from './run.ts'
import { serveCommand } from './serve.ts'

/** Commands by their first word, in the order of `--help`. Without a first word `liveCommand` runs. */
export const commands: readonly CommandDefinition[] = [
  recordCommand,
  replayCommand,
  infoCommand,
  dumpCommand,
  cutCommand,
  redactCommand,
  diffCommand,
  checkCommand,
  runCommand,
  reportCommand,
  markCommand,
  serveCommand,
  agentCommand,
  fleetCommand,
  analyzeCommand,
  collectorCommand,
  completionCommand,
]
