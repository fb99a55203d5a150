// The latest texts of files are returned unchanged.
import { describe, expect, test } from 'vitest'
import { CompactFiles } from '../../src/recording/compact-files.ts'

const stat = (numbers: (line: number) => number | string): string =>
  Array.from({ length: 40 }, (_, i) => `field_${i} ${numbers(i)}\n`).join('')

const LONG: readonly string[] = [
  stat(i => i * 4096),
  stat(() => '007'),
  `${stat(i => i)}\0 with a zero byte`,
  stat(() => 'max'),
  'no number at all, but long '.repeat(20),
  '1'.repeat(400),
  `${'12 \xe9\xff 34\n'.repeat(50)}`,
]

describe('long texts', () => {
  test.each(LONG)('are returned unchanged: %j', text => {
    const kept = new CompactFiles()
    kept.setText('/g/memory.stat', text)
    kept.setText('/h/memory.stat', text)
    expect([...kept]).toEqual([
      ['/g/memory.stat', text],
      ['/h/memory.stat', text],
    ])
  })

  test('of more kinds than there are templates are kept too', () => {
    const kept = new CompactFiles()
    const texts = Array.from({ length: 300 }, (_, i) => `${'x'.repeat(i)} ${stat(n => n + i)}`)
    for (const [i, text] of texts.entries()) kept.setText(`/${i}/memory.stat`, text)
    expect([...kept].map(([, text]) => text)).toEqual(texts)
  })
})

test('a file may have the name of a property', () => {
  const kept = new CompactFiles()
  const names = ['__proto__', 'constructor', 'toString']
  for (const name of names) kept.setText(`/g/${name}`, 'a')
  expect([...kept]).toEqual(names.map(name => [`/g/${name}`, 'a']))
})
