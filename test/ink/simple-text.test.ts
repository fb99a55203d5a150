// The simple characters: each one cell and a grapheme of its own, for string-width and for a terminal.
import { expect, test } from 'vitest'
import stringWidth from '../../node_modules/string-width/index.js'
import { countCells, isSimpleLine, isSimpleText, SIMPLE_CHARACTER } from '../../src/ink/simple-text.ts'
import { createPen } from '../../src/widgets/pen.ts'
import { createEmulator } from '../helpers/emulator.ts'

const characters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(character =>
  SIMPLE_CHARACTER.test(character),
)

test('every simple character is one cell', () => {
  expect(characters.length).toBeGreaterThan(520)
  expect(characters.filter(character => stringWidth(character) !== 1)).toEqual([])
})

test('no two of them are one grapheme', () => {
  const segmenter = new Intl.Segmenter()
  const wrong = characters.filter(first => {
    const pairs = characters.map(second => first + second).join('')
    return [...segmenter.segment(pairs)].some(({ segment }) => segment.length > 1)
  })
  expect(wrong).toEqual([])
})

test('a terminal gives each of them one cell', async () => {
  const columns = characters.length * 2
  const emulator = createEmulator(columns, 1, () => {})
  await new Promise<void>(done => emulator.feed(Buffer.from(characters.map(one => `${one}|`).join('')), done))
  const wrong = characters.filter((one, i) => emulator.cell(0, 2 * i).chars !== one && one !== ' ')
  expect(wrong).toEqual([])
  expect(emulator.cell(0, columns - 1).chars).toBe('|')
})

test('all that a pen draws by itself is simple, a sign made an emoji is not', () => {
  const { glyphs } = createPen({ level: 3, ascii: false })
  expect(
    Object.values(glyphs)
      .flat()
      .filter(glyph => !isSimpleLine(glyph)),
  ).toEqual([])
  expect(isSimpleLine('✖▲●▾×−–·…›▌↑↓')).toBe(true)
  expect(isSimpleLine('✖\ufe0f')).toBe(false)
})

test('colours are simple, other sequences and controls are not', () => {
  for (const sgr of ['\x1b[m', '\x1b[0m', '\x1b[1;31m', '\x1b[38;2;255;255;255m']) {
    expect(isSimpleLine(`a${sgr}b`)).toBe(true)
    expect(countCells(`a${sgr}b${sgr}`)).toBe(2)
  }
  const odd = [
    '\x1b',
    '\x1b[',
    '\x1b[1',
    '\x1b[;m',
    '\x1b[1;m',
    '\x1b[1234m',
    '\x1b[4:3m',
    '\x1b[2J',
    '\x1b[?25l',
    '\x9b1m',
  ]
  expect([...odd, '\t', '\x7f', 'é', '漢', '\ud83d'].filter(text => isSimpleLine(`a${text}b`))).toEqual([])
  expect(isSimpleLine('a\nb')).toBe(false)
  expect(isSimpleText('a\nb')).toBe(true)
})
