// What tests need of bundle.mjs.
export function bundle(options: {
  readonly entryPoints: Readonly<Record<string, string>>
  readonly outdir: string
  readonly plain: boolean
  readonly logLevel?: 'silent'
  /** others than the known ones, and how often each module was replaced: for tests */
  readonly versions?: Readonly<Record<string, string>>
  readonly modules?: readonly { readonly module: string; readonly ours: string; readonly swap: string }[]
  readonly hits?: Record<string, number>
}): Promise<void>
