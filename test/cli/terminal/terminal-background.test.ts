// The answer to OSC 11: it decides the theme, and is never taken for keys, whole or in pieces, early or late.
import { PassThrough } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import {
  BACKGROUND_QUERY,
  canAnswerQueries,
  classifyColor,
  createAnswerFilter,
  watchBackground,
} from '../../../src/cli/terminal/terminal-background.ts'

test.each([
  ['rgb:0000/0000/0000', 'dark'],
  ['rgb:ffff/ffff/ffff', 'light'],
  ['rgb:fdfd/f6f6/e3e3', 'light'], // Solarized
  ['rgb:0000/2b2b/3636', 'dark'],
  ['rgb:30/0a/24', 'dark'], // GNOME on Ubuntu
  ['rgba:ffff/ffff/dddd/ffff', 'light'],
  ['#1e1e1e', 'dark'],
  ['#ffffff', 'light'],
  ['rgb:zz', undefined],
  ['', undefined],
])('%s is %s', (color, expected) => expect(classifyColor(color)).toBe(expected))

const ANSWERS = ['\x1b]11;rgb:ffff/ffff/ffff\x07', '\x1b]11;rgb:ffff/ffff/ffff\x1b\\']

test.each(ANSWERS)('%j among keys leaves the keys, however it is cut', answer => {
  const text = `ab${answer}cd\x1b[A`
  for (let one = 0; one <= text.length; one++)
    for (let other = one; other <= text.length; other++) {
      const colors: string[] = []
      const filter = createAnswerFilter(color => colors.push(color))
      const pieces = [text.slice(0, one), text.slice(one, other), text.slice(other)]
      const keys = pieces.map(piece => filter.takeKeys(piece, true)).join('') + filter.release()
      expect(keys).toBe('abcd\x1b[A')
      expect(colors).toEqual(['rgb:ffff/ffff/ffff'])
    }
})

test('keys that only begin like an answer stay keys', () => {
  for (const text of ['\x1b', '\x1b]', '\x1b]11', '\x1b[A', `\x1b]11;${'x'.repeat(200)}`, '\x1b]10;?\x07', '11;rgb:']) {
    const filter = createAnswerFilter(() => expect.unreachable())
    expect(filter.takeKeys(text, true) + filter.release()).toBe(text)
  }
})

test('after the time to answer, Esc is not held back, and a late answer is still no key', () => {
  const filter = createAnswerFilter(() => {})
  expect(filter.takeKeys('\x1b', false)).toBe('\x1b')
  expect(filter.takeKeys(ANSWERS[0]!, false)).toBe('')
})

test('a stream gives its keys: an answer is followed once, a lone Esc comes a moment later', async () => {
  const stream = new PassThrough()
  stream.setEncoding('utf8')
  const seen: string[] = []
  const backgrounds: string[] = []
  const written: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  watchBackground(
    stream,
    text => written.push(text),
    background => backgrounds.push(background),
  )
  stream.on('readable', () => {
    for (let piece = stream.read(); piece !== null; piece = stream.read()) seen.push(piece)
    if (seen.join('') === 'a\x1bb') resolve()
  })
  expect(written).toEqual([BACKGROUND_QUERY])
  stream.write('a')
  stream.write(ANSWERS[1]!)
  stream.write('\x1b')
  stream.write('b')
  stream.write(ANSWERS[0]!)
  await promise
  expect(backgrounds).toEqual(['light'])
})

test('an answer whose rest comes late is no key either', async () => {
  const stream = new PassThrough()
  stream.setEncoding('utf8')
  const { promise, resolve } = Promise.withResolvers<string>()
  watchBackground(
    stream,
    () => {},
    () => stream.write('q'),
  )
  stream.on('readable', () => {
    for (let piece = stream.read(); piece !== null; piece = stream.read()) resolve(piece)
  })
  stream.write(ANSWERS[0]!.slice(0, 12))
  await setTimeout(100) // longer than a lone Esc waits
  stream.write(ANSWERS[0]!.slice(12))
  expect(await promise).toBe('q')
})

test('only a terminal that knows such questions is asked', () => {
  expect(canAnswerQueries({ TERM: 'xterm-256color' })).toBe(true)
  expect(canAnswerQueries({ TERM: 'tmux-256color', LANG: 'C' })).toBe(true)
  for (const TERM of ['linux', 'vt220', 'dumb', '']) expect(canAnswerQueries({ TERM })).toBe(false)
})
