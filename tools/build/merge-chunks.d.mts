// Types of merge-chunks.mjs.
import type { Metafile } from 'esbuild'

/** Merges the chunks of a bundle that are loaded by the same starts. */
export function mergeChunks(
  metafile: Metafile,
  starts: readonly (readonly string[])[],
  options: { readonly outdir: string; readonly banner: string },
): Promise<void>
