// The first sample of a node: its files are fetched together in a few rounds, so a node whose answers are slow gives one soon.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Host } from '../../../src/collectors/collector.ts'
import { type CollectorId, getCollector, isStream, sampledIds } from '../../../src/collectors/index.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { withRemoteHost } from './shells.ts'

const IDS = sampledIds.filter(id => !isStream(id))
const PODS = 30

function write(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** A small node with cgroups v2, whose numbers do not change. */
function buildNode(): string {
  const root = createTemporaryFolder()
  write(root, 'proc/uptime', '77.5 1\n')
  write(root, 'proc/meminfo', 'MemTotal: 1000 kB\nMemFree: 500 kB\n')
  write(root, 'proc/vmstat', 'nr_free_pages 125\noom_kill 0\n')
  write(root, 'proc/sys/kernel/random/boot_id', 'boot-1\n')
  const mount = '31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  for (const pid of ['self', '1']) write(root, `proc/${pid}/mountinfo`, mount)
  write(root, 'sys/fs/cgroup/cgroup.controllers', 'memory\n')
  write(root, 'sys/fs/cgroup/cgroup.stat', `nr_descendants ${PODS}\nnr_dying_descendants 0\n`)
  for (let i = 0; i < PODS; i++) {
    const files = { events: 'low 0\noom_kill 0\n', current: '4096\n', max: 'max\n', stat: 'anon 4096\n' }
    for (const [name, text] of Object.entries(files)) write(root, `sys/fs/cgroup/pod${i}/memory.${name}`, text)
  }
  for (let i = 0; i < 10; i++) write(root, `sys/kernel/slab/cache-${i}/reclaim_account`, '0\n')
  write(root, 'var/log/pods/shop_web-0_3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13/x/0.log', '')
  return root
}

const readSource = (host: Host, id: CollectorId): unknown => {
  try {
    return getCollector(id).openReader(host)(1000, false, 1)
  } catch (error) {
    return (error as { code?: string }).code
  }
}

const readAll = (host: Host): Record<string, unknown> => Object.fromEntries(IDS.map(id => [id, readSource(host, id)]))

test('reads the same as this machine, in at most ten round trips', () => {
  const root = buildNode()
  const late = 'sh | while IFS= read -r line; do printf "%s\\n" "$line"; done'
  withRemoteHost({ command: late, root }, (host, thread) => {
    let exchanges = 0
    const { connection } = host
    const exchange = connection.exchange.bind(connection)
    connection.exchange = build => {
      exchanges++
      return exchange(build)
    }
    void host.link.rehearse(far => void readAll(far))
    expect(exchanges).toBeLessThanOrEqual(10)
    exchanges = 0
    const { uptime: _, ...far } = readAll(host)
    const { uptime: __, ...near } = readAll(createLocalHost(root))
    expect(exchanges).toBe(0) // nothing is left to ask for
    expect(far).toEqual(near)
    expect(thread.statuses.at(-1)).toMatchObject({ state: 'up' })
  })
})

test('a directory that is not there costs no program over there, and one that appears is listed', () => {
  const root = createTemporaryFolder()
  const log = join(root, 'programs')
  const ls = `ls() { echo "$*" >>${log}; command ls "$@"; }`
  withRemoteHost({ command: `{ echo '${ls}'; cat; } | sh` }, host => {
    const directory = `${root}/late/`
    const list = (): readonly string[] | undefined => {
      void host.link.beginSample([directory])
      try {
        return host.listDirectory(directory)
      } catch {
        return undefined
      }
    }
    for (let i = 0; i < 3; i++) expect(list()).toBeUndefined()
    write(root, 'late/name', '')
    for (let i = 0; i < 2; i++) expect(list()).toEqual(['name'])
    const calls = readFileSync(log, 'utf8').match(new RegExp(`^${directory}/*$`, 'gm'))
    expect(calls).toHaveLength(3) // once in vain, and twice when it was there
  })
})
