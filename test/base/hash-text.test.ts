// Texts that differ get different numbers, also where they differ as kernel texts do: in a digit or two.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hashText } from '../../src/base/hash-text.ts'

const vmstat = readFileSync(new URL('../fixtures/6.12/proc/vmstat', import.meta.url), 'latin1')
const digitPositions = [...vmstat.matchAll(/\d/g)].map(({ index }) => index)

const replaceDigit = (text: string, at: number, digit: number): string =>
  `${text.slice(0, at)}${digit}${text.slice(at + 1)}`

test('a text whose digit changed has another number', () => {
  const seen = new Set<number>()
  const texts = new Set<string>([vmstat])
  for (const at of digitPositions.slice(0, 150))
    for (let digit = 0; digit < 10; digit++) texts.add(replaceDigit(vmstat, at, digit))
  for (const text of texts) seen.add(hashText(text))
  expect(seen.size).toBe(texts.size)
})

test('numbers that count up give no number twice', () => {
  const seen = new Set<number>()
  for (let i = 0; i < 100_000; i++) seen.add(hashText(`anon ${i * 4096}\nfile ${(i * 7919) % 65_536}\nkernel 0\n`))
  expect(seen.size).toBe(100_000)
})

test('each number is a safe integer of at most 53 bits, the same for the same text', () => {
  for (const text of ['', 'a', vmstat, '\xff'.repeat(1000)]) {
    expect(Number.isSafeInteger(hashText(text))).toBe(true)
    expect(hashText(text)).toBe(hashText(`${text}x`.slice(0, -1)))
  }
})
