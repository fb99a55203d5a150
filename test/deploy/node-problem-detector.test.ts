// The plugin file for node-problem-detector: JSON that it takes, calling a command that is there.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseCommandLine } from '../../src/cli/command-line.ts'

const plugin = JSON.parse(readFileSync(new URL('../../deploy/node-problem-detector.json', import.meta.url), 'utf8'))

test('calls a command line that kmemtop takes, within its time', () => {
  for (const { path, args, timeout, condition } of plugin.rules) {
    expect(path).toMatch(/\/kmemtop$/)
    const line = parseCommandLine(args, '0')!
    expect(line.command.name).toBe('check')
    expect((line.options as { for: number }).for).toBeLessThan(Number.parseInt(timeout, 10) * 1000)
    expect(plugin.conditions.map(({ type }: { type: string }) => type)).toContain(condition)
  }
})

test('takes a line of 80 characters', () => expect(plugin.pluginConfig.max_output_length).toBe(80))
