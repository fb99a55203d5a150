// Short names of cgroups.
import { expect, test } from 'vitest'
import { shortenCgroupPath } from '../../../src/collectors/cgroups/short-name.ts'

const ID = '9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938'

test.each([
  ['/', '/'],
  ['/system.slice/sshd.service', 'sshd.service'],
  ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope'],
  ['/system.slice/data/cache', 'data/cache'],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13.slice/cri-containerd-${ID}.scope`,
    'pod 3f0c9a51/9d1c6a0be7f2',
  ],
  [`/kubepods/besteffort/pod3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13/${ID}`, 'pod 3f0c9a51/9d1c6a0be7f2'],
  [`/kubepods.slice/kubepods-pod3f0c9a51_7c2e.slice/crio-${ID}.scope`, 'pod 3f0c9a51/9d1c6a0be7f2'],
  [`/docker/${ID}`, '/docker/9d1c6a0be7f2'],
  [`/machine.slice/libpod-${ID}.scope`, '/machine.slice/9d1c6a0be7f2'],
  [`/machine.slice/libpod-${ID}.scope/container`, '9d1c6a0be7f2/container'],
  [`/machine.slice/libpod-conmon-${ID}.scope`, '/machine.slice/conmon-9d1c6a0be7f2'],
  [
    `/system.slice/containerd.service/kubepods-pod3f0c9a51_7c2e.slice:cri-containerd:${ID}`,
    'containerd.service/9d1c6a0be7f2',
  ],
  ['/lxc/101/ns/system.slice/cron.service', '101/cron.service'],
  ['/lxc.payload.web/system.slice/cron.service', 'lxc.payload.web/cron.service'],
  [
    '/machine.slice/systemd-nspawn@web.service/payload/system.slice/cron.service',
    'systemd-nspawn@web.service/cron.service',
  ],
  ['/user.slice/user-1000.slice/user@1000.service/app.slice/sync.service', 'user@1000.service/sync.service'],
  [`/docker/${ID}/system.slice/cron.service`, '9d1c6a0be7f2/cron.service'],
  ['/a/naïve', '/a/naïve'],
])('%s is %s', (path, short) => expect(shortenCgroupPath(path)).toBe(short))
