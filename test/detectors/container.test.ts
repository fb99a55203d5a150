// Alerts in a container, where `/` is its own cgroup: a part of the tree, not the node.
import { expect, test } from 'vitest'
import { defaultThresholds, detectors } from '../../src/detectors/index.ts'
import { buildHistory } from '../fixtures.ts'
import { createMeminfo, createReading, GiB, V1, V2 } from './readings.ts'

const PART = '/kubepods/pod3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13/web'

test('a frozen cgroup and its frozen child are one alert', () => {
  const mountinfo = `31 25 0:27 ${PART} ${V1} rw - cgroup cgroup rw,memory\n`
  const frozen = 'oom_kill_disable 1\nunder_oom 1\n'
  const files = {
    '/proc/self/mountinfo': mountinfo,
    [`${V1}/memory.oom_control`]: frozen,
    [`${V1}/a/memory.oom_control`]: frozen,
  }
  const history = buildHistory([createReading(0, 'cgroups', files)])
  expect(detectors['frozen-cgroup'].detect(history, {}).map(({ subject }) => subject)).toEqual(['/'])
})

test('pinned cache is charged to the container’s own cgroup, never to the node', () => {
  const of = (root: string): string | undefined => {
    const history = buildHistory([
      createReading(0, 'cgroups', {
        '/proc/self/mountinfo': `31 22 0:26 ${root} ${V2} rw - cgroup2 cgroup2 rw\n`,
        [`${V2}/cgroup.controllers`]: 'memory\n',
        ...(root === '/' ? {} : { [`${V2}/cgroup.events`]: 'populated 1\n' }),
        [`${V2}/memory.stat`]: `anon 0\nfile ${20 * GiB}\nshmem ${20 * GiB}\n`,
      }),
      createMeminfo(0, { Cached: 22 * GiB, Shmem: 20 * GiB }),
    ])
    return detectors['pinned-cache'].detect(history, defaultThresholds['pinned-cache'])[0]?.summary
  }
  expect(of(PART)).toContain('mostly charged to /')
  expect(of('/')).not.toContain('charged')
})
