// What tests need of bundle.mjs.
import type { Metafile } from 'esbuild'

/** The first line of each file of a bundle. */
export const BANNER: string

export function bundle(options: {
  readonly entryPoints: Readonly<Record<string, string>>
  readonly outdir: string
  readonly plain: boolean
  readonly logLevel?: 'silent'
  /** others than the known ones, and how often each module was replaced: for tests */
  readonly versions?: Readonly<Record<string, string>>
  readonly modules?: readonly { readonly module: string; readonly ours: string; readonly swap: string }[]
  readonly hits?: Record<string, number>
  /** options of esbuild besides */
  readonly more?: { readonly metafile?: boolean; readonly absWorkingDir?: string }
}): Promise<{ readonly metafile: Metafile }>
