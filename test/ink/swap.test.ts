// A build in which Ink is not the one we know fails and says why.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bundle } from '../../tools/build/bundle.mjs'
import { createTemporaryFolder } from '../helpers/temporary.ts'

const entryPoints = { trees: fileURLToPath(new URL('programs/trees.tsx', import.meta.url)) }

function folder(): string {
  return createTemporaryFolder()
}

test('each module is replaced once', async () => {
  const hits: Record<string, number> = {}
  await bundle({ entryPoints, outdir: folder(), plain: false, hits })
  expect(hits).toEqual({
    'ink/build/output.js': 1,
    'ink/build/line-update.js': 1,
    'ink/build/sanitize-ansi.js': 1,
    'string-width/index.js': 1,
  })
})

test('another version of Ink fails the build', async () => {
  const built = bundle({ entryPoints, outdir: folder(), plain: false, logLevel: 'silent', versions: { ink: '8.0.1' } })
  await expect(built).rejects.toThrow(/build\/swap-ink\.mjs is for ink 8\.0\.1, found 8\.0\.0: .*KMEMTOP_PLAIN_INK=1/)
})

test('a module that was not met fails the build', async () => {
  const modules = [{ module: 'ink/build/nowhere.js', ours: 'output.ts', swap: 'swapOutput' }]
  const built = bundle({ entryPoints, outdir: folder(), plain: false, logLevel: 'silent', modules })
  await expect(built).rejects.toThrow(/ink\/build\/nowhere\.js was replaced 0 times, not once/)
})
