// The bundle's segmenter splits as Intl.Segmenter does, and no bundle makes a real one while it is loaded.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LazySegmenter } from '../../src/ink/lazy-segmenter.ts'
import { bundle } from '../../tools/build/bundle.mjs'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const TEXTS = ['', 'kubepods', 'é e\u0301', '👩‍👩‍👧 🇩🇪', 'a b.c', '한국어']

test.each(['grapheme', 'word'] as const)('splits into units of a %s as Intl.Segmenter does', granularity => {
  const [ours, real] = [new LazySegmenter('en', { granularity }), new Intl.Segmenter('en', { granularity })]
  for (const text of TEXTS) expect([...ours.segment(text)]).toEqual([...real.segment(text)])
})

test('a bundle contains no segmenter but ours', async () => {
  const outdir = createTemporaryFolder()
  const entryPoints = { trees: fileURLToPath(new URL('programs/trees.tsx', import.meta.url)) }
  await bundle({ entryPoints, outdir, plain: false })
  const text = readdirSync(outdir)
    .filter(name => name.endsWith('.js'))
    .map(name => readFileSync(join(outdir, name), 'utf8'))
    .join('')
  expect(text).not.toMatch(/new Intl\.Segmenter/)
  expect(text).toContain('"Segmenter"')
})
