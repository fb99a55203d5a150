// Redacting a recording in which every kind of name occurs, in every place and spelling: none of them is anywhere in the file.
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { RecordingHeader } from '../../src/collectors/collector.ts'
import { defaultThresholds } from '../../src/detectors/index.ts'
import { createMonitorState } from '../../src/detectors/monitor-state.ts'
import type { Reading } from '../../src/history.ts'
import { AlertLog } from '../../src/playback/alert-log.ts'
import { readSamples } from '../../src/playback/recorded-samples.ts'
import { redactRecording } from '../../src/playback/redact-recording.ts'
import { Replayer } from '../../src/playback/replayer.ts'
import { writeRecording } from '../../src/playback/write-recording.ts'
import { FRAME_MAGIC } from '../../src/recording/frame-index.ts'
import { openRecording } from '../../src/recording/open-recording.ts'
import { walkFrames } from '../../src/recording/zstd-frames.ts'
import { session } from '../fixtures.ts'
import { createTemporaryFolder } from '../helpers/temporary.ts'
import { encodeRecording, generateSamples as simpleLooks } from '../recording/recordings.ts'

// Each name has `zq` in it, each identifier is of these digits: what passes is found.
const UID = '7e57ab1e-1234-4bcd-9e01-0123456789ab'
const BOOT = 'b007b007-aaaa-4bbb-8ccc-ddddeeeeffff'
const CONTAINER = 'c0ffee00'.repeat(8)
const ADDRESS = 'ffff8881deadbee0'
const POD = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`
const GROUP = `${POD}/cri-containerd-${CONTAINER}.scope`
const MOUNT = '/sys/fs/cgroup'

const of: RecordingHeader = { ...session, host: 'zqhost.zqcorp.example', bootId: BOOT }

const REPORT = readFileSync(new URL('../fixtures/kmsg/oom-group.v2-6.12.kmsg', import.meta.url), 'latin1')
  .replaceAll('3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13', UID.replaceAll('-', '_'))
  .replaceAll(/[0-9a-f]{64}/g, CONTAINER)
  .replaceAll('mysqld', 'zqmysqld')
  .replaceAll('Hardware name: ', 'Hardware name: zqvendor serial zq77 ')

/** Lines before the report, numbered so that none is lost. */
function logOf(time: number): string {
  const [, number, stamp] = /^\d+,(\d+),(\d+)/.exec(REPORT)!
  const by = Math.round(((of.monotonic ?? 0) + time) * 1000) - Number(stamp)
  const moved = REPORT.replace(/^(\d+,\d+),(\d+)/gm, (_, head: string, at: string) => `${head},${Number(at) + by}`)
  const before = [
    'Command line: root=/dev/zqdisk host=zqhost ip=10.99.88.77',
    'zqproc[4242]: segfault at 7f00 ip 00007f00 sp 00007f01 error 4 in libzq.so[7f000000+1000]',
    `IPv4: martian source 10.99.88.77 from 10.99.88.78, on dev zqeth0 pod ${UID.toUpperCase()}`,
    `page:${ADDRESS} count:0 mapping:${ADDRESS}`,
    'INFO: task zqworker:77 blocked for more than 120 seconds.',
    'zqjava: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL)',
    'SLUB: Unable to allocate memory on node -1, gfp=0xcc0(GFP_KERNEL)',
    `  cache: kmalloc-64(12:zqgroup), object size: 64, order: 0`,
    `kmem_cache_create(dentry(9:zqgroup)) failed with error -12`,
    `cgroup: fork rejected by pids controller in ${GROUP}`,
  ]
  const lines = before.map(
    (text, i) => `4,${Number(number) - before.length + i},${Math.round(by + Number(stamp))},-;${text}\n`,
  )
  const said = `14,${Number(number) - before.length - 1},${by + Number(stamp)},-;kubelet zquser: ${UID} ${CONTAINER.slice(0, 12)}\n`
  return said + lines.join('') + moved
}

const SLAB = `slabinfo - version: 2.1
# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
dentry             100    100    192   21    1 : tunables    0    0    0 : slabdata      5      5      0
dentry(12:zqgroup)  100    100    192   21    1 : tunables    0    0    0 : slabdata      5      5      0
kmalloc-64(7:cri-containerd-${CONTAINER}.scope)  100    100    64   64    1 : tunables    0    0    0 : slabdata      5      5      0
nf_conntrack_${ADDRESS}  100    100    320   12    1 : tunables    0    0    0 : slabdata      5      5      0
`

function readings(): readonly (readonly Reading[])[] {
  const samples = simpleLooks(40).map(sample => [...sample])
  const names = {
    [`/var/log/containers/zqweb-0_zqspace_zqnginx-${CONTAINER}.log`]: `/var/log/pods/zqspace_zqweb-0_${UID}/zqnginx/0.log`,
    [`/var/log/pods/zqspace_zqweb-0_${UID}/`]: '5\n',
    [`/var/lib/docker/containers/${CONTAINER}/name`]: `${CONTAINER} zqdocker\n`,
    '/var/lib/containers/storage/overlay-containers/containers.json': `${CONTAINER} zqpodman\n`,
    '/var/lib/containers/storage/overlay-containers/volatile-containers.json': `${CONTAINER} zqvolatile\n`,
  }
  const mountinfo = `30 24 0:26 / ${MOUNT} rw,nosuid shared:4 - cgroup2 cgroup2 rw\n31 24 0:27 /zqroot /mnt/zqdata rw - ext4 /dev/zqdisk rw\n`
  const groups: Record<string, string> = {}
  for (const path of [
    POD,
    GROUP,
    '/user.slice',
    '/user.slice/zquser.slice',
    `/zqold/pod${UID}`,
    `/docker/${CONTAINER}`,
  ]) {
    groups[`${MOUNT}${path}/`] = `${Object.keys(groups).length + 100}\n`
    groups[`${MOUNT}${path}/memory.current`] = '4096\n'
  }
  samples[0]!.push(
    { time: 4, collector: 'names', files: names },
    { time: 5, collector: 'cgroups', files: { '/proc/1/mountinfo': mountinfo, ...groups } },
    { time: 6, collector: 'slabinfo', files: { '/proc/slabinfo': SLAB } },
    {
      time: 7,
      collector: 'slab',
      files: {
        [`/sys/kernel/slab/nf_conntrack_${ADDRESS}`]: '',
        '/sys/kernel/slab/dentry/cgroup/': '3 zqgroup\n',
        '/sys/kernel/slab/': `dentry(12:zqgroup) -> :a-0000192\nnf_conntrack_${ADDRESS}\n`,
      },
    },
    { time: 8, collector: 'kmem', files: { [`${MOUNT}/memory/zqgroup/memory.kmem.slabinfo`]: SLAB } },
    { time: 9, collector: 'tomorrow' as 'kmem', files: { '/proc/zq': 'zqtomorrow' } },
  )
  samples[3]!.push({ time: 3005, collector: 'mark', files: { text: `zqmark by zquser for ${UID}` } })
  samples[4]!.push({
    time: 4005,
    collector: 'cgroups',
    files: {},
    error: `EACCES: permission denied, open '${MOUNT}${GROUP}/memory.current'`,
  })
  samples[12]!.push({ time: 12_005, collector: 'kmsg', files: { '/dev/kmsg': logOf(11_000) } })
  samples[13]!.push({
    time: 13_005,
    collector: 'cgroups',
    files: { [`${MOUNT}${GROUP}/memory.events`]: 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n' },
  })
  return samples
}

/** Everything in a recording, unpacked. */
function allText(bytes: Buffer): string {
  const readAt = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length)
  const texts = [...walkFrames(readAt, bytes.length)].map(({ offset, length, skippable }) => {
    const own = bytes.subarray(offset, offset + length)
    if (skippable === undefined) return zstdDecompressSync(own).toString('utf8')
    return skippable === FRAME_MAGIC.index
      ? zstdDecompressSync(own.subarray(8)).toString('utf8')
      : own.toString('latin1')
  })
  return texts.join('\n')
}

function alertsOf(path: string) {
  const folder = new Replayer(openRecording(path).recording, defaultThresholds)
  const log = new AlertLog()
  let watch = createMonitorState(folder.recording.session)
  for (const sample of readSamples(folder)) watch = log.applySample(watch, sample, defaultThresholds)
  return log.listAlerts()
}

test('no name, identifier or address of the original is anywhere in the redacted file, and it detects the same', async () => {
  const folder = createTemporaryFolder()
  const [original, redacted] = [join(folder, 'o.kmem'), join(folder, 'r.kmem')]
  writeFileSync(original, await encodeRecording(readings(), { of }))
  const digest = (text: string): string => createHmac('sha256', 'key').update(text).digest('hex')
  const tape = new Replayer(openRecording(original).recording, defaultThresholds)
  await writeRecording(redacted, redactRecording(tape, digest), defaultThresholds)

  const before = allText(readFileSync(original)).toLowerCase()
  const after = allText(readFileSync(redacted)).toLowerCase()
  const digits = (text: string): string => text.replaceAll(/[-_]/g, '')
  for (const secret of ['zq', '10.99.88', CONTAINER.slice(0, 12), ADDRESS.slice(4)]) {
    expect(before, 'the recording is rich enough').toContain(secret)
    const at = after.indexOf(secret)
    expect(at < 0 ? '' : after.slice(Math.max(0, at - 80), at + 80)).toBe('')
  }
  for (const id of [UID, BOOT]) {
    expect(digits(before)).toContain(digits(id))
    expect(digits(after)).not.toContain(digits(id))
  }

  const [was, is] = [alertsOf(original), alertsOf(redacted)]
  expect(was.map(({ detector }) => detector)).toContain('oom-kill')
  const life = ({ detector, severity, kind, title, count, since, raisedAt, resolvedAt }: (typeof was)[number]) => ({
    ...{ detector, severity, kind, title, count, since, raisedAt, resolvedAt },
  })
  expect(is.map(life)).toEqual(was.map(life))
  expect(is.map(({ subject }) => subject)).not.toEqual(was.map(({ subject }) => subject))
})
