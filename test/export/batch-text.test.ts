// The plain block of --once: what a script or a mail shows of a node.
import { expect, test } from 'vitest'
import { formatTextBlock } from '../../src/export/batch-text.ts'
import { buildHistory } from '../fixtures.ts'

const V2 = '/sys/fs/cgroup'
const ID = '9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938'

test('cgroups are listed by path, with the name of the pod or container', () => {
  const files = {
    '/proc/1/mountinfo': `31 22 0:26 / ${V2} rw - cgroup2 cgroup2 rw\n`,
    [`${V2}/cgroup.controllers`]: 'memory\n',
    [`${V2}/a/memory.current`]: '1048576\n',
    [`${V2}/docker-${ID}.scope/memory.current`]: '2097152\n',
  }
  const history = buildHistory([
    { time: 0, collector: 'names', files: { [`/var/lib/docker/containers/${ID}/name`]: `${ID} web\n` } },
    { time: 0, collector: 'cgroups', files },
  ])
  const lines = formatTextBlock(history, []).split('\n')
  expect(lines).toContain(`         /docker-${ID}.scope (web)  2.00M, limit unknown, OOM kills unknown`)
  expect(lines).toContain('         /a  1.00M, limit unknown, OOM kills unknown')
})

test('a rate is shown from the second sample on', () => {
  const samples = [0, 1000].map(time => ({
    time,
    collector: 'vmstat' as const,
    files: { '/proc/vmstat': `allocstall ${7 + time / 100}\n` },
  }))
  const later = { time: 40, collector: 'uptime' as const, files: { '/proc/uptime': '90.00 1.00\n' } }
  expect(formatTextBlock(buildHistory([samples[0]!, later]), [])).toContain('allocstall ?/s')
  expect(formatTextBlock(buildHistory(samples), [])).toContain('allocstall 10/s')
})

test('what is 0 on most nodes is shown where it is not', () => {
  const read = (kB: number): string => {
    const lines = { MemTotal: 8_000_000, Hugetlb: kB, GPUActive: 2 * kB, GPUReclaim: 0 }
    const text = Object.entries(lines).map(([name, value]) => `${name}: ${value} kB\n`)
    return formatTextBlock(
      buildHistory([{ time: 0, collector: 'meminfo', files: { '/proc/meminfo': text.join('') } }]),
      [],
    )
  }
  expect(read(524_288)).toMatch(/^memory .*, Hugetlb 512 MiB, GPUActive 1\.00 GiB$/m)
  expect(read(0)).not.toMatch(/Hugetlb|GPU/)
})
