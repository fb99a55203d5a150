// The plugin as node-problem-detector runs it: https://github.com/kubernetes/node-problem-detector, pkg/custompluginmonitor/plugin.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { createTerminalEnv } from '../helpers/pty.ts'
import { PROGRAM } from './program.ts'
import { makeNode, makeTree, type NodeFixture } from './tree.ts'

const { pluginConfig, rules } = JSON.parse(
  readFileSync(new URL('../../deploy/node-problem-detector.json', import.meta.url), 'utf8'),
)
const MAX_OUTPUT = 4096 // bytes that are read of stdout and of stderr
const STATES = ['False', 'True'] // of the condition, by exit code; any other code: Unknown

const nodes: NodeFixture[] = []
afterEach(() => {
  for (const node of nodes.splice(0)) node.remove()
})

const parseGoDuration = (text: string): number => Number(/^(\d+)s$/.exec(text)?.[1]) * 1000

/** Runs the first rule below `root`, for less time than it says, and does with its output what the detector does. */
async function runPlugin({ root }: NodeFixture, time = '1s') {
  const args = (rules[0].args as string[]).map(word => (word === '30s' ? time : word))
  const plugin = spawn(PROGRAM, [...args, '--root', root], {
    env: createTerminalEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = [Buffer.alloc(0), Buffer.alloc(0)]
  for (const [i, stream] of [plugin.stdout, plugin.stderr].entries())
    stream.on('data', chunk => {
      output[i] = Buffer.concat([output[i]!, chunk])
    })
  const [code] = await once(plugin, 'close')
  const [stdout, stderr] = output.map(bytes => bytes.subarray(0, MAX_OUTPUT).toString().trim()) as [string, string]
  const message = Buffer.from(stdout).subarray(0, pluginConfig.max_output_length).toString() // a cut character shows as U+FFFD
  return { status: STATES[code] ?? 'Unknown', message, stdout, stderr }
}

const SLAB =
  'MemTotal: 8000000 kB\nMemFree: 200000 kB\nMemAvailable: 300000 kB\nBuffers: 0 kB\nCached: 100000 kB\nSReclaimable: 0 kB\nSUnreclaim: 5000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'
const SLABINFO =
  'slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize>\nkmalloc-64 64 64 64 64 1 : tunables 0 0 0 : slabdata 1 1 0\n'
const VMSTAT = { '/proc/vmstat': 'oom_kill 0\n', '/proc/slabinfo': SLABINFO, '/dev/kmsg': '' }

function add(node: NodeFixture, files: Readonly<Record<string, string>> = {}): NodeFixture {
  for (const [path, text] of Object.entries(files)) node.write(path, text)
  nodes.push(node)
  return node
}

describe('the condition', () => {
  test('of a node with a problem is True, with one line', async () => {
    const { status, message, stdout } = await runPlugin(add(makeNode('g', ''), { ...VMSTAT, '/proc/meminfo': SLAB }))
    expect([status, stdout]).toEqual(['True', message])
    expect(message).toMatch(/^SLAB GROWTH.*: \S/)
    expect(message).not.toMatch(/[\n\ufffd]/)
  })

  test('of a node without one is False', async () => {
    const { status, message, stderr } = await runPlugin(add(makeNode('g', ''), VMSTAT))
    expect([status, message, stderr]).toEqual(['False', 'ok: no kernel-memory problem found', ''])
  })

  test('of what cannot be read is Unknown, and says what', async () => {
    const { status, message } = await runPlugin(add(makeTree()))
    expect(status).toBe('Unknown')
    expect(message).toMatch(/^unknown: /)
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(80)
  })
})

test('the timeouts fit each other: the check, the rule, the plugin, the interval', () => {
  const [{ args, timeout }] = rules
  const check = parseGoDuration(args.at(-1))
  expect([check, parseGoDuration(timeout), parseGoDuration(pluginConfig.timeout), 120_000]).toEqual([
    30_000, 50_000, 60_000, 120_000,
  ])
  expect(pluginConfig.invoke_interval).toBe('2m')
})
