// Property: whatever a node calls its cgroups, processes and caches, every row of every view is as wide as the terminal.
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import { escapeControls, UNSAFE } from '../../src/base/text.ts'
import { appendReading, createHistory, type Reading } from '../../src/history.ts'
import { renderFrameText } from '../../src/ui/screen.tsx'
import { createPen } from '../../src/widgets/pen.ts'
import { createV2Events, createV2Tree, formatReport } from '../detectors/kills.ts'
import { formatMeminfo, formatSlabinfo, GiB, MiB } from '../detectors/node.ts'
import { session } from '../fixtures.ts'
import { checkProperty, PROPERTY_TIMEOUT } from '../helpers/check-property.ts'
import { openView, VIEWS } from '../helpers/view-states.ts'

const toLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

function createReadings(names: readonly string[]): readonly Reading[] {
  const paths = names.map(name => toLatin1(`/${name}`))
  const reports = names.map((name, i) =>
    formatReport(1000 + i, { comm: name.slice(0, 15), pid: 100 + i, oomMemcg: `/${name}`, taskMemcg: `/${name}` }),
  )
  const caches = Object.fromEntries(paths.map((path, i) => [path.slice(1), { bytes: (i + 1) * MiB, objSize: 64 }]))
  const node = { total: 8 * GiB, caches: () => caches }
  const tree = createV2Tree(0, ...new Set(paths))
  const sizes = paths.map((path, i) => [`/sys/fs/cgroup${path}/memory.current`, `${i * MiB}\n`])
  return [
    { time: 0, collector: 'meminfo', files: { '/proc/meminfo': formatMeminfo(node, 0) } },
    { time: 0, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(node, 0) } },
    { ...tree, files: { ...tree.files, ...Object.fromEntries(sizes) } },
    { time: 1100, collector: 'kmsg', files: { '/dev/kmsg': reports.join('') } },
    createV2Events(1200, Object.fromEntries(paths.map(path => [path, 1]))),
    { time: 1300, collector: 'uptime', files: {}, error: `EACCES: ${names[0]}` },
  ]
}

function createState(names: readonly string[]): AppState {
  const empty = createHistory({ ...session, host: names.at(-1)! })
  const history = createReadings(names).reduce(appendReading, empty)
  return updateState(createInitialState(history), { type: 'readings', readings: [] })
}

const CLUSTERS = [
  '漢',
  '｜',
  'ｱ',
  'e\u0301',
  '\u0301',
  '👨‍👩‍👧',
  '🇩🇪',
  '🇩',
  '❤️',
  '1️⃣',
  '\u202e',
  '\u200b',
  '\u200d',
  'ש',
  'العربية',
  'नि',
  '한',
  '\u1112\u1161',
  '\u3164',
  '\u{e0041}',
  '\u{1f3fb}',
  '👍\u{1f3fb}',
  '\u0600',
  '\u0e33',
  '\u0903',
  '\u0d4e',
  '﷽',
  '𒐫',
  '⸻',
  ' ',
  '\\x2d',
  '%s',
  '│',
]
const name = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...CLUSTERS), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })),
    minLength: 1,
    maxLength: 40,
  })
  .map(text => text.replaceAll(/[/\0]/g, '_'))
const size = fc.record({ columns: fc.integer({ min: 40, max: 220 }), rows: fc.integer({ min: 12, max: 60 }) })
const PEN = createPen({ level: 0, ascii: false })

type Input = [string[], { columns: number; rows: number }, (typeof VIEWS)[number]]

const FAILED_ONCE: readonly Input[] = [
  [['\u{1f3fb}'], { columns: 40, rows: 16 }, 'overview'],
  [['\u0d4e'], { columns: 40, rows: 16 }, 'overview'],
  [['\u0e33 '], { columns: 40, rows: 38 }, 'oom page'],
]

test(
  'no name of a cgroup, cache or process breaks a line of a view',
  () => {
    const input = fc.tuple(fc.array(name, { minLength: 1, maxLength: 6 }), size, fc.constantFrom(...VIEWS))
    const check = ([names, { columns, rows }, view]: Input): void => {
      const state = openView(createState(names), view)
      if (state === undefined) return
      const lines = renderFrameText(state, PEN, columns, rows)
      expect(lines).toHaveLength(rows)
      for (const line of lines) {
        expect(stringWidth(line), JSON.stringify(line)).toBe(columns)
        expect(UNSAFE.test(line), escapeControls(line)).toBe(false)
      }
    }
    checkProperty(input, check, FAILED_ONCE, 4)
  },
  PROPERTY_TIMEOUT,
)
