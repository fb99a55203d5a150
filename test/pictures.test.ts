// The pictures of the documentation show the screen as it is. They are drawn again by `npm run pictures`.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { skipUnlessFull } from './full.ts'
import { drawIncident, drawStill, STILLS } from './helpers/pictures.ts'
import { convertToPng } from './helpers/png.ts'
import { testUnless } from './helpers/test-unless.ts'

const isDrawing = process.env.KMEMTOP_DRAW === '1'
const HINT = 'the screen has changed: run npm run pictures, look at docs/*.png and docs/*.svg, and commit them'
const LARGEST = 500_000 // bytes of the animation
const toPath = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const HASHES = toPath('docs/pictures.json')

const readHashes = (): Readonly<Record<string, string>> => JSON.parse(readFileSync(HASHES, 'utf8'))
const computeHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

test.each(STILLS)('$file is what the screen shows', async still => {
  const svg = await drawStill(still)
  if (isDrawing) {
    writeFileSync(toPath(still.file), await convertToPng(svg))
    writeFileSync(HASHES, `${JSON.stringify({ ...readHashes(), [still.file]: computeHash(svg) }, null, 2)}\n`)
  }
  expect(computeHash(svg), HINT).toBe(readHashes()[still.file])
})

testUnless(isDrawing ? undefined : skipUnlessFull())(
  'docs/incident.svg is the incident as the screen shows it, and small',
  async () => {
    const svg = await drawIncident()
    if (isDrawing) writeFileSync(toPath('docs/incident.svg'), svg)
    expect(svg.length).toBeLessThan(LARGEST)
    expect(svg === readFileSync(toPath('docs/incident.svg'), 'utf8'), HINT).toBe(true)
  },
)

test('the documentation has no picture that is not drawn', () => {
  const texts = ['README.md', 'docs/alerts.md', 'docs/recording.md'].map(name => readFileSync(toPath(name), 'utf8'))
  for (const name of [...STILLS.map(({ file }) => file), 'docs/incident.svg'])
    expect(texts.join('\n')).toContain(name.replace('docs/', ''))
})
