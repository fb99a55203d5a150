// The table of dump formats: each can be chosen on the command line, and prints a recording in its own way.
import { expect, test } from 'vitest'
import { dumpCommand } from '../../src/cli/commands/dump.ts'
import { SpillBuffer } from '../../src/cli/recordings/spill-buffer.ts'
import { type DumpFormatName, dumpFormats } from '../../src/export/dump-formats.ts'
import { fullState } from '../playback/states.ts'

const names = Object.keys(dumpFormats) as DumpFormatName[]
const request = { fields: undefined, openBuffer: () => new SpillBuffer() }

test('--format accepts the names of the table and no others', () => {
  expect(dumpCommand.options.find(({ long }) => long === '--format')?.argChoices).toEqual(names)
})

test('every format prints the states, and no two print the same', async () => {
  const outputs = await Promise.all(
    names.map(async name => [...(await dumpFormats[name]())([fullState], request)].join('')),
  )
  for (const output of outputs) expect(output).toMatch(/\d\n|\}\n/)
  expect(new Set(outputs).size).toBe(names.length)
})
