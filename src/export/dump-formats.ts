// The table of output formats of `kmemtop dump`. To add one, write its file and add it here: dump and --help follow.
import type { DumpFormat } from './dump-format.ts'

/** Formats by the name that --format takes. A format is loaded when it is wanted. */
export const dumpFormats = {
  ndjson: async () => (await import('./ndjson.ts')).formatNdjson,
  csv: async () => (await import('./csv.ts')).formatCsv,
  openmetrics: async () => (await import('./openmetrics.ts')).formatOpenMetrics,
} satisfies Readonly<Record<string, () => Promise<DumpFormat>>>

/** What `dump --format` takes. */
export type DumpFormatName = keyof typeof dumpFormats
