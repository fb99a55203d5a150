// What terminals can show, by TERM and locale.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isDumbTerminal, isMonochrome, needsAscii } from '../../../src/cli/terminal/terminal-type.ts'
import { createPen } from '../../../src/widgets/pen.ts'

test.each([
  [{ TERM: 'xterm-256color', LANG: 'en_US.UTF-8' }, false],
  [{ TERM: 'xterm', LANG: 'de_DE.utf8' }, false],
  [{ TERM: 'xterm', LANG: 'C.UTF-8' }, false],
  [{ TERM: 'xterm', LC_CTYPE: 'UTF-8' }, false],
  [{ TERM: 'xterm', LANG: 'ca_ES.UTF-8@valencia' }, false],
  [{ TERM: 'xterm' }, false],
  [{ TERM: 'xterm', LC_ALL: '', LANG: '' }, false],
  [{ TERM: 'xterm', LC_ALL: '', LC_CTYPE: 'C.utf8', LANG: 'C' }, false],
  [{ TERM: 'xterm', LC_ALL: 'en_US.UTF-8', LC_CTYPE: 'C', LANG: 'C' }, false],
  [{ TERM: 'xterm', LANG: 'C' }, true],
  [{ TERM: 'xterm', LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }, true],
  [{ TERM: 'xterm', LANG: 'de_DE@euro' }, true],
  [{ TERM: 'linux', LANG: 'en_US.UTF-8' }, true],
  [{ TERM: 'vt100' }, true],
  [{ TERM: 'vt220', LANG: 'C' }, true],
  [{ TERM: 'xterm', LC_ALL: 'de_DE.ISO-8859-1', LANG: 'en_US.UTF-8' }, true],
  [{ TERM: 'xterm', LC_CTYPE: 'ja_JP.eucJP', LANG: 'en_US.UTF-8' }, true],
])('%o needs ASCII: %s', (env, expected) => {
  expect(needsAscii(env)).toBe(expected)
})

test('terminals without cursor movement, and without colours', () => {
  expect(
    [undefined, '', 'dumb', 'xterm', 'vt100'].map(TERM => isDumbTerminal(TERM === undefined ? {} : { TERM })),
  ).toEqual([true, true, true, false, false])
  expect(['vt100', 'vt220', 'vt420', 'linux', 'xterm'].map(TERM => isMonochrome({ TERM }))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ])
})

test('every sign of our own has one in ASCII: none is drawn as a question mark', () => {
  const { encodeLine, glyphs } = createPen({ level: 0, ascii: true })
  const signs = new Set<string>()
  for (const path of globSync('src/{ui,widgets,panels,app,detectors,base}/**/*.{ts,tsx}')) {
    const code = readFileSync(path, 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$|\s\/\/ .*$/gm, '')
    for (const [sign] of code.matchAll(/[^\x00-\x7f]/g)) signs.add(sign)
  }
  const own = [...signs].filter(sign => !/[▁▂▃▄▅▆▇█▓▒░▞╭╮╰╯│▾▌║]/.test(sign)) // drawn by name: the pen has others for ASCII
  expect(own.length).toBeGreaterThan(10)
  expect(own.filter(sign => /[^\x00-\x7e]|\?/.test(encodeLine(sign)))).toEqual([])
  expect(Object.values(glyphs).flat().join('')).toMatch(/^[\x20-\x7e]*$/)
})
