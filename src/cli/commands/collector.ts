// kmemtop collector: print the shell script that samples a node without a connection.
import { EXIT, exitWhenOutputCloses } from '../exit.ts'
import type { CommandDefinition } from './command.ts'

export const collectorCommand: CommandDefinition = {
  name: 'collector',
  description:
    'print a shell script that samples a node into a file: kmemtop collector > c.sh; sh c.sh --for 10m > node.txt',
  options: [],
  run: async () => {
    exitWhenOutputCloses()
    const { collectorScript } = await import('../../sampling/via/file-script.ts')
    const { writeStdout } = await import('../recordings/recordings.ts')
    await writeStdout(collectorScript)
    return EXIT.ok
  },
}
