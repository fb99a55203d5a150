// The generated part of docs/configuration.md: every key of the config file and every threshold, with default and unit.
import { formatBytes, formatPercent } from '../../src/base/format.ts'
import type { Config } from '../../src/cli/config.ts'
import { detectorIds, detectors } from '../../src/detectors/index.ts'
import type { Threshold } from '../../src/detectors/thresholds.ts'
import { joinGenerated, readGenerated, writeGenerated } from './generated-part.ts'

const DOCUMENT = new URL('../../docs/configuration.md', import.meta.url)

const KEYS: { readonly [Key in keyof Required<Config>]: readonly [value: string, initial: string, meaning: string] } = {
  interval: ['seconds, at least 0.1', '1', 'time between two samples'],
  theme: [
    '`dark`, `light`, `high-contrast`, `color-blind` or `none`',
    '`light` where the terminal says that its background is light (OSC 11), else `dark`',
    'colors of the screen',
  ],
  ascii: [
    '`true` or `false`',
    '`true` where `TERM` is `linux` or a vt type, or the locale is not one of UTF-8 (`LC_ALL=C`), else `false`',
    'draw with ASCII characters only',
  ],
  recordings: ['path of a directory', 'the current directory', 'where `w` writes recordings'],
  title: ['`true` or `false`', '`true`', 'show the worst alert in the title of the terminal (`--no-title`)'],
  bell: ['`true` or `false`', '`false`', 'ring the bell on a critical alert (`--bell`)'],
  notify: ['`true` or `false`', '`false`', 'notify the desktop on a critical alert, with OSC 9 or 777 (`--notify`)'],
  remember: ['`true` or `false`', '`true`', 'keep alerts and acknowledgements for the next start (`--no-remember`)'],
  detectors: ['object', 'the table below', 'thresholds, by detector and name'],
}

function formatDefault(value: number, unit: string): string {
  if (unit === 'bytes') return `${value} (${formatBytes(value)})`
  return unit.startsWith('share') ? `${value} (${formatPercent(value)})` : String(value)
}

/** Formats the generated part. */
export function formatTables(): string {
  const keys = Object.entries(KEYS).map(([key, cells]) => `| \`${key}\` | ${cells.join(' | ')} |`)
  const rows = detectorIds.flatMap(id =>
    Object.entries<Threshold>(detectors[id].thresholds).map(
      ([name, [value, unit, meaning]]) =>
        `| \`${id}.${name}\` | ${formatDefault(value, unit)} | ${unit} | ${meaning} |`,
    ),
  )
  const titles = detectorIds.map(id => `| \`${id}\` | ${detectors[id].title} |`)
  return joinGenerated([
    '## Keys\n\n| key | value | default | meaning |\n|---|---|---|---|',
    ...keys,
    '\n## Detectors\n\n| detector | finds |\n|---|---|',
    ...titles,
    '\n## Thresholds\n\n| threshold | default | unit | meaning |\n|---|---|---|---|',
    ...rows,
  ])
}

/** Returns the generated part of the document as it is on disk. */
export const readGeneratedPart = (): string => readGenerated(DOCUMENT)

if (import.meta.main) writeGenerated(DOCUMENT, formatTables())
