// The cgroups as a list and as a tree: order, folding, filter, and the details of one.
import { describe, expect, test } from 'vitest'
import { createInitialState, type PanelState, updateState } from '../../../src/app/state.ts'
import { appendReading } from '../../../src/history.ts'
import { cgroupsPanel } from '../../../src/panels/cgroups/panel.ts'
import { CGROUP_COLUMNS, getKernelMemory, listCgroups } from '../../../src/panels/cgroups/rows.ts'
import { createPen } from '../../../src/widgets/pen.ts'
import { buildHistory } from '../../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const MIB = 2 ** 20
const ID = '9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938'
const USES = { '/a': 30, '/a/x': 10, '/a/y': 20, '/b': 90, '/b/z': 1, [`/b/docker-${ID}.scope`]: 80 }
const history = buildHistory([
  {
    time: 0,
    collector: 'cgroups',
    files: {
      '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
      [`${V2}/cgroup.controllers`]: 'memory\n',
      ...Object.fromEntries(
        Object.entries(USES).map(([path, mib]) => [`${V2}${path}/memory.current`, `${mib * MIB}\n`]),
      ),
      [`${V2}/a/y/memory.stat`]: 'anon 5\nfile 6\nkernel 7\nsock 8\npercpu 9\nkernel_stack 1\npagetables 2\n',
      [`${V2}/a/memory.max`]: `${40 * MIB}\n`,
      [`${V2}/a/y/memory.max`]: 'max\n',
      [`${V2}/a/cgroup.stat`]: 'nr_descendants 2\nnr_dying_descendants 41\n',
    },
  },
  {
    time: 0,
    collector: 'names',
    files: { [`/var/lib/docker/containers/${ID}/name`]: `${ID} web\n` },
  },
  { time: 30_000, collector: 'cgroups', files: { [`${V2}/a/memory.current`]: `${35 * MIB}\n` } },
])
const rows = (ui: PanelState): string[] =>
  listCgroups(history, ui).rows.map(({ key, depth }) => `${'.'.repeat(depth)}${key}`)
const CONTAINER = `/b/docker-${ID}.scope`

describe('the list', () => {
  test('is sorted by memory, largest first', () =>
    expect(rows({})).toEqual(['/b', CONTAINER, '/a', '/a/y', '/a/x', '/b/z']))

  test.each(CGROUP_COLUMNS.map(column => [column]))('can be sorted by %s, and reversed', column => {
    const order = rows({ column })
    expect(order.toSorted()).toEqual(rows({}).toSorted())
    const reversed = rows({ column, reverse: true })
    expect(reversed.toSorted()).toEqual(order.toSorted())
    if (column === 'memory' || column === 'name') expect(reversed).toEqual(order.toReversed())
  })

  test('has rows without a value last, in both directions', () => {
    expect(rows({ column: 'anon' })[0]).toBe('/a/y')
    expect(rows({ column: 'anon', reverse: true })[0]).toBe('/a/y')
  })

  test('has the cgroup with most dying descendants first when sorted by it', () =>
    expect(rows({ column: 'dying' })[0]).toBe('/a'))
  test('can be filtered by container names', () => expect(rows({ filter: 'WEB' })).toEqual([CONTAINER]))
})

test('a cgroup that fills its limit within minutes comes first, one whose cache does so does not', () => {
  const listAfter = (file: number): readonly string[] => {
    const files = {
      [`${V2}/a/memory.current`]: `${38 * MIB}\n`,
      [`${V2}/a/memory.stat`]: `anon ${(38 - file) * MIB}\nfile ${file * MIB}\n`,
    }
    return listCgroups(appendReading(history, { time: 60_000, collector: 'cgroups', files })).rows.map(({ key }) => key)
  }
  expect(listAfter(2)[0]).toBe('/a')
  expect(listAfter(30)[0]).toBe('/b')
})

test('a filter finds a name that arrives later', () => {
  const filtered = (of: typeof history): readonly string[] =>
    listCgroups(of, { filter: 'late-one' }).rows.map(({ key }) => key)
  expect(filtered(history)).toEqual([])
  const files = { [`/var/lib/docker/containers/${ID}/name`]: `${ID} late-one\n` }
  expect(
    filtered(appendReading({ ...history, names: buildHistory([]).names }, { time: 31_000, collector: 'names', files })),
  ).toEqual([CONTAINER])
})

test('shows neither mode nor counts before the first sample, as in a saved log', () => {
  const state = createInitialState(buildHistory([]))
  const place = {
    pen: createPen({ level: 0, ascii: false }),
    width: 76,
    height: 10,
    full: true,
    focused: false,
    span: 900_000,
  }
  expect(cgroupsPanel.getNote!(state)).toBe('not read')
  expect(cgroupsPanel.draw(state, place)[0]).toMatch(/live cgroups +\? /)
})

test('kernel memory before 5.18 is the sum of its parts', () => {
  const stat = 'anon 5\nkernel_stack 10\npagetables 20\npercpu 30\nsock 40\nslab 1\n'
  const files = { [`${V2}/a/memory.stat`]: stat }
  const later = appendReading(history, { time: 31_000, collector: 'cgroups', files })
  const { cgroups } = later
  expect(getKernelMemory(cgroups.cgroups.get('/a')!)).toBe(61)
  expect(getKernelMemory(cgroups.cgroups.get('/b')!)).toBeNull()
  const fact = (path: string) =>
    cgroupsPanel.getDetail!(createInitialState(later), path)!.facts.find(([name]) =>
      name.split(', ').includes('kernel'),
    )?.[1]
  expect([fact('/a'), fact('/b')]).toEqual(['61 B', 'n/a'])
})

test('the page says what is known of the limit, and leaves out what this kernel does not count', () => {
  const read = (time: number) => {
    const mounts = { '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n` }
    const files = { ...mounts, [`${V2}/cgroup.controllers`]: 'memory\n', [`${V2}/a/memory.current`]: '1024\n' }
    return { time, collector: 'cgroups', files: { ...files, [`${V2}/a/memory.max`]: '4096\n' } } as const
  }
  const getFacts = (path: string, ...times: readonly number[]) =>
    new Map(cgroupsPanel.getDetail!(createInitialState(buildHistory(times.map(read))), path)?.facts)
  expect(getFacts('/a', 0, 9000).get('limit reached in')).toBe('not known yet: needs 30 s of samples')
  expect(getFacts('/a', 0, 60_000).get('limit reached in')).toBe('never at the rate of the last 1 min')
  expect([...getFacts('/a', 0).keys()].filter(name => /sock|swap|tables/.test(name))).toEqual([])
})

describe('the tree', () => {
  test('has the cgroup of a container at its root', () => {
    const files = {
      '/proc/1/mountinfo': `31 22 0:26 /docker/x ${V2} rw - cgroup2 cgroup2 rw\n`,
      [`${V2}/cgroup.controllers`]: 'memory\n',
      [`${V2}/memory.current`]: '9\n',
      [`${V2}/a/memory.current`]: '1\n',
    }
    const part = buildHistory([{ time: 0, collector: 'cgroups', files }])
    const keys = listCgroups(part, { tree: true }).rows.map(({ key, depth }) => `${'.'.repeat(depth)}${key}`)
    expect(keys).toEqual(['/', './a'])
    expect(listCgroups(part, { tree: true, folded: ['/'] }).rows).toMatchObject([{ key: '/', folded: 1 }])
  })

  test('shows each cgroup below its parent, siblings sorted', () =>
    expect(rows({ tree: true })).toEqual(['/b', `.${CONTAINER}`, './b/z', '/a', './a/y', './a/x']))

  test('hides the descendants of a folded cgroup and counts them', () => {
    const folded = listCgroups(history, { tree: true, folded: ['/a'] }).rows
    expect(folded.map(({ key, folded: hidden }) => [key, hidden])).toEqual([
      ['/b', 0],
      [CONTAINER, 0],
      ['/b/z', 0],
      ['/a', 2],
    ])
  })

  test('keeps the ancestors of a match', () => expect(rows({ tree: true, filter: '/a/x' })).toEqual(['/a', './a/x']))

  test('is switched on by an action, and folds the selected cgroup', () => {
    let state = updateState(createInitialState(history), { type: 'view', panel: 'cgroups' })
    for (const action of [{ type: 'tree' }, { type: 'select', key: '/a' }, { type: 'fold' }] as const)
      state = updateState(state, action)
    expect(cgroupsPanel.listKeys!(state)).toEqual(['/b', CONTAINER, '/b/z', '/a'])
    expect(cgroupsPanel.listKeys!(updateState(state, { type: 'fold' }))).toHaveLength(6)
    const place = {
      pen: createPen({ level: 0, ascii: false }),
      width: 118,
      height: 20,
      full: true,
      focused: true,
      span: 900_000,
    }
    expect(cgroupsPanel.draw(state, place).join('\n')).toMatch(/a \(\+2\)[\s\S]*/)
  })
})

test('shows memcg IDs of a partial tree as an upper bound, because dying cgroups may have none', () => {
  const files = {
    '/proc/1/mountinfo': `31 22 0:26 /docker/x ${V2} rw - cgroup2 cgroup2 rw\n`,
    [`${V2}/cgroup.controllers`]: 'memory\n',
    [`${V2}/cgroup.events`]: 'populated 1\n',
    [`${V2}/memory.current`]: '4096\n',
    '/proc/cgroups': '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t70000\t1\n',
  }
  const place = {
    pen: createPen({ level: 0, ascii: false }),
    width: 118,
    height: 20,
    full: true,
    focused: true,
    span: 900_000,
  }
  const drawn = (kernel: string): string =>
    cgroupsPanel
      .draw(createInitialState(buildHistory([{ time: 0, collector: 'cgroups', files }], { kernel })), place)
      .join('\n')
  expect(drawn('5.15.0')).toContain('memcg IDs up to 100 %: dying ones have none')
  expect(drawn('4.4.18')).toContain('no IDs left: mkdir fails (ENOMEM or ENOSPC)')
})

test('the page of a cgroup has its memory, its effective limit, and when that is reached', () => {
  const detail = cgroupsPanel.getDetail!(createInitialState(history), '/a/y')!
  const facts = new Map(detail.facts)
  expect(facts.get('sock, percpu')).toBe('8 B, 9 B')
  expect([facts.get('limit'), facts.has('% of limit')]).toEqual(['none', false]) // no share of nothing
  expect(facts.get('effective limit')).toBe('set on /a: 35.0 MiB of 40.0 MiB, 5.00 MiB left')
  expect(facts.get('limit reached in')).toBe('~30 s')
  expect(new Map(cgroupsPanel.getDetail!(createInitialState(history), '/a')!.facts).get('descendants')).toContain(
    '41 dying (removed',
  )
  expect(cgroupsPanel.getDetail!(createInitialState(history), CONTAINER)!.introduction).toEqual(['web'])
})

test('draws only the visible rows, around the selected one', () => {
  const many = buildHistory([
    {
      time: 0,
      collector: 'cgroups',
      files: {
        '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
        [`${V2}/cgroup.controllers`]: 'memory\n',
        ...Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`${V2}/g${i}/memory.current`, `${i + 1}\n`])),
      },
    },
  ])
  const at = updateState(updateState(createInitialState(many), { type: 'view', panel: 'cgroups' }), {
    type: 'select',
    key: '/g1500',
  })
  const place = {
    pen: createPen({ level: 0, ascii: false }),
    width: 118,
    height: 12,
    full: true,
    focused: true,
    span: 900_000,
  }
  const lines = cgroupsPanel.draw(at, place)
  expect(lines).toHaveLength(12)
  expect(lines.findIndex(line => line.includes('▌/g1500') || line.includes('▌g1500'))).toBeGreaterThan(4)
})
