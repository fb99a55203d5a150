// Our Output gives the screens that Ink's gives: random writes, clips, transformers, one frame after the other.
import * as ansi from '@alcalzone/ansi-tokenize'
import { expect, test } from 'vitest'
import InkOutput from '../../node_modules/ink/build/output.js'
import type { Clip, Transformer } from '../../src/ink/clip-lines.ts'
import { type InkOutputClass, swapOutput } from '../../src/ink/output.ts'
import { pickCases } from '../full.ts'
import { createDice, type Dice, drawSgr, drawSimpleText, drawText } from './random-texts.ts'

type Operation =
  | { readonly x: number; readonly y: number; readonly text: string; readonly transformers: readonly number[] }
  | { readonly clip: Clip }
  | 'unclip'

interface Frame {
  readonly width: number
  readonly height: number
  readonly operations: readonly Operation[]
}

// What a component may do to a line; the last ones give other lines than they got, as panels do.
const TRANSFORMERS: readonly ((seed: string) => Transformer)[] = [
  () => line => line.toUpperCase(),
  () => line => `\x1b[32m${line}\x1b[39m`,
  () => (line, index) => `${index}${line}`,
  () => line => line.slice(1),
  () => () => '',
  seed => (_, index) => seed.slice(index),
  seed => (line, index) => (index % 2 ? line : seed),
]

function texts(d: Dice): string {
  const lines = d.drawBoolean(0.6) ? 1 : d.drawBetween(1, 4)
  const line = () => (d.drawBoolean(0.75) ? drawSimpleText(d) : drawText(d))
  return Array.from({ length: lines }, line).join('\n')
}

function bound(d: Dice, most: number): number | undefined {
  if (d.drawBoolean(0.15)) return undefined
  return d.drawBoolean(0.01) ? d.drawBelow(most * 2) / 2 : d.drawBetween(-2, most + 2)
}

function operation(d: Dice, width: number, height: number): Operation {
  if (d.drawBoolean(0.15)) {
    const [x1, x2, y1, y2] = [bound(d, width), bound(d, width), bound(d, height), bound(d, height)]
    return { clip: { x1, x2, y1, y2 } }
  }
  if (d.drawBoolean(0.1)) return 'unclip'
  const transformers = d.drawBoolean(0.4)
    ? Array.from({ length: d.drawBetween(1, 2) }, () => d.drawBelow(TRANSFORMERS.length))
    : []
  const x = d.drawBoolean(0.01) ? 1.5 : d.drawBetween(-3, width + 1)
  return { x, y: d.drawBoolean(0.01) ? 0.5 : d.drawBetween(-2, height), text: texts(d), transformers }
}

function freshFrame(d: Dice): Frame {
  const width = d.drawBoolean(0.05) ? d.drawBelow(2) : d.drawBetween(1, 30)
  const height = d.drawBoolean(0.05) ? 0 : d.drawBetween(1, 6)
  return { width, height, operations: Array.from({ length: d.drawBelow(8) }, () => operation(d, width, height)) }
}

// The frame before with a few operations changed, as a tick does it.
function nextFrame(d: Dice, frame: Frame): Frame {
  if (d.drawBoolean(0.65)) return freshFrame(d)
  const width = d.drawBoolean(0.1) ? frame.width + 1 : frame.width
  const operations = frame.operations.map(old => (d.drawBoolean(0.2) ? operation(d, frame.width, frame.height) : old))
  return { ...frame, width, operations: d.drawBoolean(0.1) ? operations.slice(1) : operations }
}

function draw(Output: InkOutputClass, { width, height, operations }: Frame): unknown {
  const output = new Output({ width, height })
  for (const step of operations) {
    if (step === 'unclip') output.unclip()
    else if ('clip' in step) output.clip(step.clip)
    else {
      const transformers = step.transformers.map(i => TRANSFORMERS[i]!(step.text.replaceAll('\n', '')))
      output.write(step.x, step.y, step.text, { transformers })
    }
  }
  return output.get()
}

function compare(seed: number, rounds: number, next: (d: Dice, frame: Frame) => Frame): void {
  const d = createDice(seed)
  const Output = swapOutput(InkOutput, ansi)
  let frame = freshFrame(d)
  for (let round = 0; round < rounds; round++) {
    frame = next(d, frame)
    const expected = draw(InkOutput, frame)
    const found = draw(Output, frame)
    if (JSON.stringify(found) !== JSON.stringify(expected))
      expect({ frame, ...found! }).toEqual({ frame, ...expected! })
  }
}

test('random frames are those of Ink', () => compare(3, pickCases(1000, 8000), nextFrame))

test('frames of many colours are those of Ink, whatever was forgotten meanwhile', () => {
  compare(4, pickCases(100, 400), d => {
    const colour = () => `\x1b[38;2;${d.drawBelow(256)};${d.drawBelow(256)};${d.drawBelow(256)}m`
    const text = () => Array.from({ length: 10 }, () => colour() + d.pick(['a', ' ', '─']) + drawSgr(d)).join('')
    const write = (x: number) => ({ x, y: d.drawBelow(3), text: text(), transformers: [] })
    return { width: 30, height: 3, operations: [write(0), write(10), write(20), write(d.drawBelow(20))] }
  })
})

test('a transformer is called once for a line, and only for lines on the screen', () => {
  for (const text of ['a\nb\nc', '漢\n字\nc']) {
    const calls: string[] = []
    const output = new (swapOutput(InkOutput, ansi))({ width: 4, height: 2 })
    output.write(0, -1, text, { transformers: [(line, index) => `${calls.push(`${index}${line}`)}`] })
    expect(output.get().output).toBe('1\n2')
    expect(calls).toEqual(
      text
        .split('\n')
        .map((line, i) => `${i}${line}`)
        .slice(1),
    )
  }
})

test('a row whose lines did not change is the same as before, and Ink is not asked for it', () => {
  let asked = 0
  class Asked extends InkOutput {
    override get() {
      asked += 1
      return super.get()
    }
  }
  const Output = swapOutput(Asked, ansi)
  for (const line of ['漢字', '漢字', 'simple']) {
    const output = new Output({ width: 10, height: 1 })
    output.write(0, 0, ' ', { transformers: [() => line] })
    expect(output.get().output).toBe(line)
  }
  expect(asked).toBe(1)
})
