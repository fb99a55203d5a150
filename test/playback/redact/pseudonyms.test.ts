// Other names: the same for the same, of the same shape; structure stays.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { names as collector, findOwner } from '../../../src/collectors/container-names.ts'
import { Pseudonyms } from '../../../src/playback/redact/pseudonyms.ts'
import { ReadingRedactor } from '../../../src/playback/redact/redact-readings.ts'
import { session } from '../../fixtures.ts'

const names = new Pseudonyms(text => createHash('sha256').update(text).digest('hex'))
const ID = '9d1c6a0be7f2'.padEnd(64, 'a')
const UID = '3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
const SLICE = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`

test('what every node has stays', () => {
  for (const path of [
    '/',
    '/sys/fs/cgroup/memory',
    '/kubepods.slice/kubepods-burstable.slice',
    '/user.slice/user-1000.slice/session-3.scope',
    '/init.scope',
  ])
    expect(names.redactPath(path)).toBe(path)
  for (const comm of ['kswapd0', 'kworker/u8:3', 'ksoftirqd/1', '']) expect(names.redactComm(comm)).toBe(comm)
})

test.each([
  [SLICE, /^kubepods-burstable-pod[0-9a-f]{8}(_[0-9a-f]{4}){3}_[0-9a-f]{12}\.slice$/],
  [`pod${UID}`, /^pod[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  [`cri-containerd-${ID}.scope`, /^cri-containerd-[0-9a-f]{64}\.scope$/],
  [ID, /^[0-9a-f]{64}$/],
  [`${ID.slice(0, 32)}-1234`, /^[0-9a-f]{32}-1234$/],
  ['nginx.service', /^c-[0-9a-f]{10}\.service$/],
  ['lxc.payload.web', /^lxc\.payload\.c-[0-9a-f]{10}$/],
  ['web', /^c-[0-9a-f]{10}$/],
])('%s becomes another of its shape, always the same', (name, shape) => {
  const other = names.redactComponent(name)
  expect(other).toMatch(shape)
  expect(other).not.toBe(name)
  expect(new Pseudonyms(text => createHash('sha256').update(text).digest('hex')).redactComponent(name)).toBe(other)
})

test('a pod is the same under both cgroup drivers', () => {
  expect(names.redactComponent(SLICE).replaceAll('_', '-')).toContain(names.redactComponent(`pod${UID}`).slice(3))
})

test('a cgroup is still named by its pod, with another name', () => {
  const files = {
    [`/var/log/containers/web-0_shop_nginx-${ID}.log`]: `/var/log/pods/shop_web-0_${UID}/nginx/0.log`,
    [`/var/log/pods/shop_web-0_${UID}/`]: '',
    [`/var/lib/docker/containers/${ID}/name`]: `${ID} alice\n`,
    [`/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/name`]: `${ID} k8s_nginx_web-0_shop_${UID}\n`,
    '/var/log/containers/secret-file': 'x',
  }
  const { files: other } = new ReadingRedactor(names).redactReading({ time: 0, collector: 'names', files })!
  const memory = collector.applyFiles(collector.empty, other, 0, session)
  expect(findOwner(memory, names.redactPath(`/kubepods.slice/${SLICE}/cri-containerd-${ID}.scope`))).toEqual({
    namespace: names.redactName('shop'),
    pod: names.redactName('web-0'),
    container: names.redactName('nginx'),
  })
  expect(JSON.stringify(other)).not.toMatch(/web-0|shop|nginx|alice|secret|9d1c6a0be7f2|3f0c9a51/)
})

test('caches keep their names, copies not that of their cgroup; marks, errors and mounts lose theirs', () => {
  const redactor = new ReadingRedactor(names)
  const files = (collector: string, given: Record<string, string | null>, error?: string) =>
    JSON.stringify(
      redactor.redactReading({ time: 0, collector: collector as never, files: given, ...(error ? { error } : {}) }),
    )
  const slabinfo = 'slabinfo - version: 2.1\ndentry(12:web-0)   10   10  192  21 1 : tunables 0 0 0 : slabdata 1 1 0\n'
  expect(files('slabinfo', { '/proc/slabinfo': slabinfo })).toContain(
    `dentry(12:${names.redactComponent('web-0')})   10`,
  )
  expect(files('slab', { '/sys/kernel/slab/dentry/cgroup/': '3 web-0\n' })).toContain(
    `3 ${names.redactComponent('web-0')}`,
  )
  expect(files('mark', { text: 'web-0 restarted by alice' })).not.toMatch(/web|alice/)
  expect(files('cgroups', {}, "EACCES: permission denied, open '/sys/fs/cgroup/web-0/memory.current'")).toContain(
    `EACCES: permission denied, open '/sys/fs/cgroup/${names.redactComponent('web-0')}/memory.current'`,
  )
  const mount =
    '33 24 0:28 /docker/web-0 /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup alice rw,memory,release_agent=/home/alice\n'
  expect(files('cgroups', { '/proc/1/mountinfo': mount })).toContain(
    `33 24 0:28 /docker/${names.redactComponent('web-0')} /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\\n`,
  )
  expect(redactor.redactReading({ time: 0, collector: 'tomorrow' as never, files: { a: 'alice' } })).toBeUndefined()
})

test('a cgroup with letters beyond ASCII is the same in the tree and in the log', () => {
  const path = `/sys/fs/cgroup/${Buffer.from('größe').toString('latin1')}/memory.current`
  const { files } = new ReadingRedactor(names).redactReading({
    time: 0,
    collector: 'cgroups',
    files: { [path]: '1\n' },
  })!
  expect(Object.keys(files)).toEqual([`/sys/fs/cgroup/${names.redactComponent('größe')}/memory.current`])
})
