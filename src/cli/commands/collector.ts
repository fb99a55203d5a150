// kmemtop collector: print the shell script that samples a node by itself.
import { collectorScript } from '../../sampling/via/collector-script.ts'
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import { writeStdout } from '../recordings.ts'
import type { CommandDefinition } from './command.ts'

export const collectorCommand: CommandDefinition = {
  name: 'collector',
  description:
    'print a shell script that samples a node into a file: kmemtop collector > c.sh; sh c.sh --for 10m > node.txt',
  options: [],
  run: async () => {
    exitWhenOutputCloses()
    await writeStdout(collectorScript)
    return EXIT.ok
  },
}
