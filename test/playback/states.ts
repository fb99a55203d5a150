// A state with everything in it, names made to break a screen included; and one with nothing in it.
import { readFileSync } from 'node:fs'
import { type AppAction, type AppState, createInitialState, updateState } from '../../src/app/state.ts'
import { createHistory, type Reading } from '../../src/history.ts'
import type { PlayerStatus } from '../../src/playback/player.ts'
import { createV2Events, createV2Tree, createVmstatReading, formatBareKill, formatReport } from '../detectors/kills.ts'
import { formatMeminfo, formatSlabinfo, GiB, MiB, type NodeModel } from '../detectors/node.ts'
import { readFixture, session } from '../fixtures.ts'

export const emptyState: AppState = createInitialState(createHistory(session))

export const applyActions = (state: AppState, ...actions: readonly AppAction[]): AppState =>
  actions.reduce(updateState, state)

const toLatin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** Wide, combining, joined, right-to-left, with control characters, and long. */
export const NASTY = [
  '漢字と仮名',
  'e\u0301cole',
  '👨‍👩‍👧‍👦',
  'esc\x1b[2J\x1b]0;title\x07',
  'new\nline\ttab\x7f',
  '\u202Eltr',
  `long-${'x'.repeat(300)}`,
  'שלום',
]

const node: NodeModel = {
  total: 24 * GiB,
  caches: time => ({
    filp: { bytes: 40 * MiB + (time / 1000) * 5 * MiB, objSize: 192 },
    'kmalloc-64': { bytes: 20 * MiB, objSize: 64 },
    [toLatin1(`cache-${NASTY[0]}`)]: { bytes: 5 * MiB, objSize: 1128 },
    dentry: { bytes: 300 * MiB, objSize: 192 },
  }),
}

const paths = [
  '/pod',
  '/pod/c1',
  ...NASTY.map(name => toLatin1(`/pod/${name}`)),
  ...Array.from({ length: 80 }, (_, i) => `/c${i}`),
]

function createReadings(time: number): readonly Reading[] {
  return [
    { time, collector: 'meminfo', files: { '/proc/meminfo': formatMeminfo(node, time) } },
    { time, collector: 'slabinfo', files: { '/proc/slabinfo': formatSlabinfo(node, time) } },
    {
      time,
      collector: 'pressure',
      files: {
        '/proc/pressure/memory': `some avg10=${time % 100}.00 avg60=5.00 avg300=1.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n`,
      },
    },
    {
      time,
      collector: 'vmstat',
      files: {
        '/proc/vmstat': `oom_kill ${42 + time / 1e4}\npgscan_direct ${time * 7}\npgscan_kswapd ${time}\nallocstall_normal ${time}\n`,
      },
    },
  ]
}

const tree = createV2Tree(0, ...paths)
const start: readonly Reading[] = [
  { time: 0, collector: 'uptime', files: { '/proc/uptime': '900000.00 1.00\n' } },
  { time: 0, collector: 'slab', files: { '/sys/kernel/slab/': readFixture('6.12', '/sys/kernel/slab.listing') } },
  {
    ...tree,
    files: {
      ...tree.files,
      '/proc/cgroups': readFixture('6.12', '/proc/cgroups'),
      '/sys/fs/cgroup/cgroup.stat': 'nr_descendants 90\nnr_dying_descendants 60000\n',
      ...Object.fromEntries(
        paths.flatMap((path, i) => [
          [`/sys/fs/cgroup${path}/memory.current`, `${(i + 1) * 37 * MiB}\n`],
          [`/sys/fs/cgroup${path}/memory.max`, i % 3 === 0 ? 'max\n' : `${(i + 1) * 40 * MiB}\n`],
        ]),
      ),
    },
  },
  {
    time: 0,
    collector: 'kmsg',
    files: {
      '/dev/kmsg': readFileSync(new URL('../fixtures/kmsg/oom-oddname.v1-6.18.kmsg', import.meta.url), 'latin1'),
    },
  },
]

function createKillReadings(time: number): readonly Reading[] {
  const reports = NASTY.map((name, i) =>
    formatReport(time, { comm: name.slice(0, 15), pid: 5000 + i, oomMemcg: '/pod', taskMemcg: `/pod/${name}` }),
  )
  const text = reports.join('') + formatBareKill(time + 1)
  // the numbers go on after those of the capture
  const numbered = text.replace(
    /^(\d+),(\d+),/gm,
    (_, level: string, sequence: string) => `${level},${9_000_000 + Number(sequence)},`,
  )
  return [
    { time: time + 10, collector: 'kmsg', files: { '/dev/kmsg': numbered } },
    createV2Events(time + 20, { '/pod': NASTY.length, '/pod/c1': 3, '/c5': 2 }),
    createVmstatReading(time + 20, 60),
  ]
}

/** Two minutes of a node in trouble. */
export const fullState: AppState = applyActions(
  emptyState,
  { type: 'readings', readings: start },
  ...Array.from({ length: 24 }, (_, i): AppAction => ({ type: 'readings', readings: createReadings(i * 5000) })),
  { type: 'readings', readings: createKillReadings(118_000) },
  {
    type: 'readings',
    readings: [
      {
        time: 122_000,
        collector: 'uptime',
        files: {},
        error: "EACCES: permission denied, open '/proc/\x1b[31muptime'",
      },
    ],
  },
  { type: 'identity', text: 'Debian 13 · virtual (KVM) · 8 CPUs' },
)

/** A player that does not move. */
export const idlePlayer: PlayerStatus = {
  begin: 0,
  end: 0,
  at: 0,
  alertsKnown: true,
  playing: false,
  speed: 1,
  events: [],
  progress: 1,
  exact: true,
  following: false,
  rewound: false,
  problems: [],
}
