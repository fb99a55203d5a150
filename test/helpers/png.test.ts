import { expect, test } from 'vitest'
import { createEmulator, type Emulator } from './emulator.ts'
import { canDraw, renderPng, renderSvg } from './png.ts'
import { testUnless } from './test-unless.ts'

function drawn(text: string): Promise<Emulator> {
  const emulator = createEmulator(20, 3, () => {})
  return new Promise(resolve => emulator.feed(Buffer.from(text), () => resolve(emulator)))
}

test('colours of all three kinds, inverse and bold are in the picture', async () => {
  const svg = renderSvg(await drawn('\x1b[1;31mR\x1b[0;48;5;46mG\x1b[0;38;2;18;52;86mT\x1b[0;7mI\x1b[0m<'))
  expect(svg).toContain('<text x="0" y="14" fill="#f14c4c" font-weight="bold">R</text>')
  expect(svg).toContain('<rect x="9" y="0" width="9" height="18" fill="#00ff00"/>')
  expect(svg).toContain('<text x="18" y="14" fill="#123456">T</text>')
  expect(svg).toContain('<rect x="27" y="0" width="9" height="18" fill="#d8d8d8"/>')
  expect(svg).toContain('>&lt;</text>')
})

test('blocks and braille are shapes', async () => {
  const svg = renderSvg(await drawn('▄▌⠁'))
  expect(svg).toContain('<rect x="0" y="9" width="9" height="9" fill="#d8d8d8"/>')
  expect(svg).toContain('<rect x="9" y="0" width="4.5" height="18" fill="#d8d8d8"/>')
  expect(svg.match(/<circle/g)).toHaveLength(1)
})

testUnless(canDraw())('a PNG of the screen, nine by eighteen pixels a cell', async () => {
  const png = await renderPng(await drawn('hello'))
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([180, 54])
})
