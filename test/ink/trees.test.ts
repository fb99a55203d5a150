// Trees of every kind of component come out the same with Ink as it is and with its modules swapped, at every size.
import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { pickCases } from '../full.ts'
import { buildBundles } from './bundles.ts'

interface Frame {
  readonly name: string
  readonly columns: number
  readonly tick: number
  readonly text: string
}

function framesOf(program: string): readonly Frame[] {
  const env = { ...process.env, FORCE_COLOR: '3' }
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', env, maxBuffer: 2 ** 28 })
  expect(stderr).toBe('')
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Frame)
}

test('trees of every kind and size are the same', async () => {
  const { plain, swapped, remove } = await buildBundles('trees')
  onTestFinished(remove)
  const expected = framesOf(plain)
  const found = framesOf(swapped)
  expect(found.find(({ text }, i) => text !== expected[i]!.text)).toBeUndefined()
  expect(found).toEqual(expected)
  expect(found).toHaveLength(pickCases(72, 288))
  expect(found.filter(({ text }) => /\x1b\[38;2;255;136;0m/.test(text)).length).toBeGreaterThan(pickCases(12, 50))
})
