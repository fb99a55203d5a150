// A program of test/ink/programs as two bundles, built as kmemtop is: with Ink as it is, and with its modules swapped.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '../../tools/build/bundle.mjs'

export interface Bundles {
  readonly plain: string
  readonly swapped: string
  /** a folder for more files */
  readonly folder: string
  remove(): void
}

/** Builds both; the files' names are answers. */
export async function buildBundles(name: string): Promise<Bundles> {
  const folder = mkdtempSync(join(tmpdir(), 'kmemtop-ink-'))
  const entryPoints = { [name]: fileURLToPath(new URL(`programs/${name}.tsx`, import.meta.url)) }
  for (const plain of [true, false]) {
    await bundle({ entryPoints, outdir: join(folder, plain ? 'plain' : 'swapped'), plain })
  }
  return {
    plain: join(folder, 'plain', `${name}.js`),
    swapped: join(folder, 'swapped', `${name}.js`),
    folder,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
