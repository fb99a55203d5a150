// The first sample of a node: its files are fetched together in a few rounds, so a node whose answers are slow gives one soon.
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Host } from '../../../src/collectors/collector.ts'
import { type CollectorId, getCollector, isStream, sampledIds } from '../../../src/collectors/index.ts'
import { createLocalHost } from '../../../src/sampling/local-host.ts'
import { createTemporaryFolder } from '../../helpers/temporary.ts'
import { buildNodeTree, writeNodeFile } from './node-tree.ts'
import { withRemoteHost } from './shells.ts'

const IDS = sampledIds.filter(id => !isStream(id))
const PODS = 30

/** A node with files that other tests of links have not. */
function buildNode(): string {
  const root = buildNodeTree(PODS)
  writeNodeFile(root, 'proc/meminfo', 'MemTotal: 1000 kB\nMemFree: 500 kB\n')
  writeNodeFile(root, 'proc/vmstat', 'nr_free_pages 125\noom_kill 0\n')
  for (let i = 0; i < 10; i++) writeNodeFile(root, `sys/kernel/slab/cache-${i}/reclaim_account`, '0\n')
  writeNodeFile(root, 'var/log/pods/shop_web-0_3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13/x/0.log', '')
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
  writeNodeFile(root, 'bin/ls', `#!/bin/sh\nprintf "%s\\n" "$@" >>${log}\nexec /bin/ls "$@"\n`)
  chmodSync(join(root, 'bin/ls'), 0o755)
  withRemoteHost({ command: `PATH=${root}/bin:$PATH sh` }, host => {
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
    writeNodeFile(root, 'late/name', '')
    for (let i = 0; i < 2; i++) expect(list()).toEqual(['name'])
    const calls = readFileSync(log, 'utf8').match(new RegExp(`^${directory}/*$`, 'gm'))
    expect(calls).toHaveLength(3) // once in vain, and twice when it was there
  })
})
