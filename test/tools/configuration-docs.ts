// The generated part of docs/configuration.md: every key of the config file and every threshold, with default and unit.
import { formatBytes, formatPercent } from '../../src/base/format.ts'
import type { Config } from '../../src/cli/config.ts'
import {
  type DetectorId,
  defaultThresholds,
  detectorIds,
  detectors,
  type Thresholds,
} from '../../src/detectors/index.ts'
import { joinGenerated, readGenerated, writeGenerated } from './generated-part.ts'

const DOCUMENT = new URL('../../docs/configuration.md', import.meta.url)

/** Unit, and meaning of a value. */
type ThresholdText = readonly [unit: string, meaning: string]

// The compiler checks that each threshold of each detector has its line, and that no line is left over.
const THRESHOLDS: { readonly [Id in DetectorId]: { readonly [Name in keyof Thresholds[Id]]: ThresholdText } } = {
  'oom-kill': { markedMinutes: ['minutes', 'how long a kill stays marked'] },
  'oom-without-kill': { markedMinutes: ['minutes', 'how long an event stays marked'] },
  'program-kills': { markedMinutes: ['minutes', 'how long an event stays marked'] },
  'frozen-cgroup': {},
  'kmem-leak': {
    deadCopies: ['copies', 'copies of one cache for removed cgroups that count as a sign'],
    dying: ['cgroups', 'dying cgroups that count as a sign'],
    kmemCaches: ['caches', 'objects of the cache `kmem_cache` that count as a sign'],
    slabShare: ['share of RAM', 'unreclaimable slab that counts as a sign beside others'],
  },
  'memcg-ids': {
    warningLevel: ['share of the 65,535 IDs', 'used IDs: warning'],
    criticalLevel: ['share of the 65,535 IDs', 'used IDs: critical'],
    criticalHours: ['hours', 'critical if the IDs run out within this time …'],
    forecastFrom: ['share of the 65,535 IDs', '… and at least this share is used'],
    urgentHours: ['hours', 'critical if the IDs run out within this time …'],
    urgentFrom: ['share of the 65,535 IDs', '… and at least this share is used'],
  },
  'dying-cgroups': {
    least: ['cgroups', 'fewer dying cgroups raise no alert'],
    perDirectory: ['cgroups', 'dying cgroups per live one: fewer raise no alert'],
    rise: ['cgroups', 'a lasting rise that raises an alert: this many in two hours, twice as many in a day'],
  },
  'slab-growth': {
    fastShare: ['share of RAM', 'growth within a minute that is a spike'],
    fastLeast: ['bytes', 'lower bound of that growth'],
    fastMost: ['bytes', 'upper bound of that growth; higher on the largest nodes'],
    urgentHours: [
      'hours',
      'a spike is reported even at a level that was reached before if memory runs out within this time',
    ],
    criticalHours: [
      'hours',
      'critical if memory runs out within this time and the growth used 15 % of what was available',
    ],
    warmUpMinutes: ['minutes', 'time after boot in which growth is expected'],
    warningLevel: ['share of RAM', 'unreclaimable slab: warning'],
    criticalLevel: ['share of RAM', 'unreclaimable slab: critical'],
    levelLeast: ['bytes', 'less unreclaimable slab is not reported by its level'],
  },
  'kernel-memory': {
    criticalHours: ['hours', 'critical if memory runs out within this time'],
    warmUpMinutes: ['minutes', 'time after boot in which growth is expected'],
    unaccounted: ['share of RAM', 'memory in no counter of the kernel'],
    unaccountedLeast: ['bytes', 'less unaccounted memory raises no alert; less on nodes under 10 GiB'],
    pageTables: ['share of RAM', 'page tables'],
    percpu: ['share of RAM', 'per-CPU memory'],
  },
  'pinned-cache': {
    told: ['share of RAM', 'cache that cannot be freed, if it is most of the cache'],
    room: ['share of RAM', 'a warning if less than this is available'],
  },
  'mem-available': {
    warningLevel: ['share of RAM', 'available memory: warning if less'],
    criticalLevel: ['share of RAM', 'available memory: critical if less'],
    warningMost: ['bytes', 'available memory that raises no warning on any node'],
    criticalMost: ['bytes', 'available memory that is never critical'],
    minutesLeft: ['minutes', 'a fall is reported if memory runs out within this time …'],
    fallingFrom: ['share of RAM', '… and less than this is available'],
  },
  'swap-full': {
    full: ['share of swap', 'used swap that raises an alert'],
    minutesLeft: ['minutes', 'swap that fills up within this time raises one …'],
    fillingFrom: ['share of swap', '… if at least this share is used'],
    roomy: ['share of RAM', 'only a note if more memory than this is available'],
    scarce: ['share of RAM', 'critical if less memory than this is available'],
  },
  'cgroup-limit': {
    growingLevel: ['share of the limit', 'unreclaimable memory from which a growing cgroup is reported'],
    minutesLeft: ['minutes', 'a growing cgroup is reported if it reaches its limit within this time'],
    fullLevel: ['share of the limit', 'reported even without growth'],
    most: ['alerts', 'at most'],
  },
  'throttled-cgroup': {
    perSecond: ['events per second', 'throttle events in each third of the last 30 s'],
    pinned: ['share of its memory', 'unreclaimable memory: a cgroup with less only recycles page cache'],
    most: ['alerts', 'at most'],
  },
  reclaim: {
    warningFull: ['percent of a minute', 'all tasks stalled on memory: warning'],
    criticalFull: ['percent of a minute', 'all tasks stalled on memory: critical'],
    roomy: ['share of RAM', 'with more available memory the pressure is not a shortage of the whole node'],
    stalls: ['per second', 'direct reclaims over a minute, on kernels without PSI'],
  },
  'alloc-failures': {
    least: ['failures', 'failures of one kind that raise an alert …'],
    minutes: ['minutes', '… within this time'],
  },
  'network-limits': {
    warningLevel: ['share of the limit', 'TCP memory or tracked connections: warning'],
    criticalLevel: ['share of the limit', 'TCP memory or tracked connections: critical'],
    least: ['lines', 'lines of the kernel log that raise an alert …'],
    minutes: ['minutes', '… within this time'],
  },
  fragmentation: {
    blocks: ['free blocks of 8 pages', 'fewer raise the alert'],
    over: ['free blocks of 8 pages', 'as many end it'],
    free: ['share of RAM', 'with less free memory it is a shortage, not fragmentation'],
  },
  writeback: {
    share: ['share of available memory', 'dirty or under writeback for a whole minute'],
    least: ['bytes', 'less raises no alert'],
  },
  'evidence-gaps': {
    markedMinutes: ['minutes', 'how long a gap stays marked'],
    lost: ['records', 'lost records that raise an alert'],
  },
  'error-storm': {
    perSecond: ['errors per second', 'fewer errors over half a minute raise no alert'],
    factor: ['times', 'errors against the usual rate of this log'],
    agreement: ['correlation, 0 to 1', 'from here on a growth is said to go with the errors'],
    growth: ['MiB', 'growth of memory in the same minutes: less is not named'],
  },
  'own-cost': {
    share: ['share of one CPU', 'time of all sampling together'],
    longest: ['ms', 'time of one sample of a source'],
  },
}

const KEYS: { readonly [Key in keyof Required<Config>]: readonly [value: string, initial: string, meaning: string] } = {
  interval: ['seconds, at least 0.1', '1', 'time between two samples'],
  theme: [
    '`dark`, `light`, `high-contrast`, `color-blind` or `none`',
    '`light` where the terminal says that its background is light (OSC 11), else `dark`',
    'colors of the screen',
  ],
  ascii: ['`true` or `false`', '`false`', 'draw with ASCII characters only'],
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
  const rows = detectorIds.flatMap(id => {
    const texts = THRESHOLDS[id] as Readonly<Record<string, ThresholdText>>
    const defaults = defaultThresholds[id] as Readonly<Record<string, number>>
    return Object.entries(texts).map(
      ([name, [unit, meaning]]) =>
        `| \`${id}.${name}\` | ${formatDefault(defaults[name]!, unit)} | ${unit} | ${meaning} |`,
    )
  })
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
