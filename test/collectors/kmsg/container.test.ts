// Pods and containers out of cgroup paths, as kubelet and the runtimes name them.
import { expect, test } from 'vitest'
import { parseContainerPath } from '../../../src/collectors/kmsg/container.ts'

const ID = '18479a49c4ab8c9a1f7ee7b0f0f3c8e9f5a4d3c2b1a09f8e7d6c5b4a39281706'
const UID = '3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
const SLICE = UID.replaceAll('-', '_')
const STATIC = '0123456789abcdef0123456789abcdef'

test.each([
  ['kubelet, cgroupfs', `/kubepods/burstable/pod${UID}/${ID}`, UID, ID, null],
  ['kubelet, guaranteed', `/kubepods/pod${UID}/${ID}`, UID, ID, null],
  ['a static pod', `/kubepods/burstable/pod${STATIC}/${ID}`, STATIC, ID, null],
  [
    'kubelet, systemd, containerd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${SLICE}.slice/cri-containerd-${ID}.scope`,
    UID,
    ID,
    'containerd',
  ],
  ['kubelet, systemd, the pod itself', `/kubepods.slice/kubepods-pod${SLICE}.slice`, UID, null, null],
  ['cri-o', `/kubepods.slice/kubepods-besteffort-pod${SLICE}.slice/crio-${ID}.scope/container`, UID, ID, 'cri-o'],
  ['docker, cgroupfs', `/docker/${ID}`, null, ID, 'docker'],
  ['docker, systemd', `/system.slice/docker-${ID}.scope`, null, ID, 'docker'],
  ['podman', `/machine.slice/libpod-${ID}.scope/container`, null, ID, 'podman'],
  ['containerd alone', `/k8s.io/${ID}`, null, ID, 'containerd'],
  ['LXC', '/lxc.payload.web-1/system.slice', null, 'web-1', 'lxc'],
  ['LXC of old', '/lxc/web-1', null, 'web-1', 'lxc'],
  ['a pod in a kind node', `/docker/${ID.replace('1', '9')}/kubepods/burstable/pod${UID}/${ID}`, UID, ID, null],
  ['no container', '/system.slice/sshd.service', null, null, null],
  ['nearly a pod', `/podium/${'g'.repeat(64)}`, null, null, null],
])('the path of %s gives its pod, container and runtime', (_, path, ...ids) => {
  const [podUid, containerId, runtime] = ids
  expect(parseContainerPath(path)).toEqual({ podUid, containerId, runtime })
})
