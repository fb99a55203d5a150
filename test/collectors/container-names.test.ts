// Names of pods and containers, from listings as a node has them.
import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  findOwner,
  formatCgroupName,
  formatLeafName,
  formatOwner,
  names,
} from '../../src/collectors/container-names.ts'
import { session } from '../fixtures.ts'
import { createTree } from './cgroups/tree.ts'

const ID = '9d1c6a0be7f24c5a83f0e1d2c3b4a5968778695a4b3c2d1e0f9e8d7c6b5a4938'
const UID = '3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13'
const STATIC = 'c3b4a5968778695a4b3c2d1e0f9e8d7c'
const SLICE = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`

/** A node's sample, folded. */
function node() {
  const { root, host, write, remove } = createTree()
  const sample = names.openReader({ ...host, watchDirectory: () => undefined })
  let memory = names.empty
  const seen = (time: number): string[] => {
    const files = sample(time, false)
    memory = names.applyFiles(memory, files, time, session)
    return Object.keys(files)
  }
  const name = (path: string): string | undefined => {
    const owner = findOwner(memory, path)
    return owner && formatOwner(owner)
  }
  const whole = (path: string): string => formatCgroupName({ names: memory }, path)
  const leaf = (path: string): string => formatLeafName({ names: memory }, path)
  return { root, write, remove, seen, name, whole, leaf }
}

test('a kubernetes pod and its containers are named, under both cgroup drivers, and keep their names after death', () => {
  const { root, write, remove, seen, name } = node()
  const log = `/var/log/pods/shop_web-0_${UID}/nginx/0.log`
  write(log, '')
  write(`/var/log/pods/kube-system_kube-apiserver-n1_${STATIC}/kube-apiserver/0.log`, '')
  mkdirSync(`${root}/var/log/containers`)
  symlinkSync(log, `${root}/var/log/containers/web-0_shop_nginx-${ID}.log`)
  expect(seen(0)).toHaveLength(3)
  expect(name(SLICE)).toBe('shop/web-0')
  expect(name(`${SLICE}/cri-containerd-${ID}.scope`)).toBe('shop/web-0 nginx')
  expect(name(`/kubepods/besteffort/pod${UID}/${ID}`)).toBe('shop/web-0 nginx')
  const flat = `/system.slice/containerd.service/${SLICE.split('/').at(-1)}:cri-containerd:` // containerd with SystemdCgroup = false
  expect(name(`${flat}${ID}`)).toBe('shop/web-0 nginx')
  expect(name(`${flat}${ID.replace('9d', 'ab')}`)).toBe('shop/web-0')
  expect(name(`/kubepods/pod${STATIC}`)).toBe('kube-system/kube-apiserver-n1')
  remove(`/../../..${log.slice(0, -'/nginx/0.log'.length)}`)
  remove(`/../../../var/log/containers/web-0_shop_nginx-${ID}.log`)
  expect(seen(30_000)).toHaveLength(2)
  expect(name(`${SLICE}/cri-containerd-${ID}.scope`)).toBe('shop/web-0 nginx')
})

test('before Kubernetes 1.14 the directory of a pod’s logs has only the UID: the names come from its log link', () => {
  const { root, write, seen, name } = node()
  const log = `/var/log/pods/${UID}/nginx/0.log`
  write(log, '')
  mkdirSync(`${root}/var/log/containers`)
  symlinkSync(log, `${root}/var/log/containers/web-0_shop_nginx-${ID}.log`)
  seen(0)
  expect(name(`/kubepods/burstable/pod${UID}`)).toBe('shop/web-0')
})

test('of docker only the name is read, nothing of its environment', () => {
  const { write, seen, name } = node()
  write(
    `/var/lib/docker/containers/${ID}/config.v2.json`,
    `{"Config":{"Env":["PASSWORD=x"],"Labels":{"Name":"rhel7"}},"Name":"/web","ID":"${ID}"}`,
  )
  expect(seen(0)).toEqual([`/var/lib/docker/containers/${ID}/name`])
  expect(name(`/system.slice/docker-${ID}.scope`)).toBe('web')
  expect(name(`/docker/${ID}`)).toBe('web')
})

test('the deepest named cgroup of a path counts; the monitor of a container does not belong to it', () => {
  const { write, seen, name, whole, leaf } = node()
  const inner = ID.replace('9d', 'ab')
  write(`/var/lib/docker/containers/${ID}/config.v2.json`, '{"Name":"/kind-worker"}')
  write(`/var/lib/docker/containers/${inner}/config.v2.json`, `{"Name":"/k8s_nginx_web-0_shop_${UID}_0"}`)
  seen(0)
  const kind = `/docker/${ID}`
  const pod = `${kind}/kubelet.slice/kubelet-kubepods-pod${UID.replaceAll('-', '_')}.slice`
  const other = `${kind}/kubelet.slice/kubelet-kubepods-podaaaaaaaa_bbbb.slice/${inner.replace('ab', 'cd')}`
  expect([kind, `${kind}/init.scope`, other].map(whole)).toEqual([
    'kind-worker',
    'kind-worker init.scope',
    'kind-worker pod aaaaaaaa/cd1c6a0be7f2',
  ])
  expect([pod, `${pod}/${inner}`, `${pod}/crio-conmon-${inner}.scope`].map(whole)).toEqual([
    'shop/web-0',
    'shop/web-0 nginx',
    'shop/web-0 /conmon-ab1c6a0be7f2',
  ])
  expect([kind, `${kind}/init.scope`, other].map(leaf)).toEqual(['kind-worker', 'init.scope', 'cd1c6a0be7f2'])
  expect(name(other)).toBe('kind-worker')
})

test('podman names come from its storage', () => {
  const { write, seen, name } = node()
  write('/var/lib/containers/storage/overlay-containers/containers.json', `[{"id":"${ID}","names":["db"],"layer":"x"}]`)
  seen(0)
  expect(name(`/machine.slice/libpod-${ID}.scope/container`)).toBe('db')
})

test('podman keeps containers that go when they end (--rm, quadlets) in a list of their own', () => {
  const { write, seen, name } = node()
  const [at, other] = ['/var/lib/containers/storage/overlay-containers', ID.replace('9d', 'ab')]
  write(`${at}/containers.json`, `[{"id":"${ID}","names":["db"]}]`)
  write(`${at}/volatile-containers.json`, `[{"id":"${other}","names":["web"]}]`)
  seen(0)
  expect(name(`/machine.slice/libpod-${ID}.scope/container`)).toBe('db')
  expect(name(`/machine.slice/libpod-${other}.scope/container`)).toBe('web')
})

test('only names are read from the state of containerd, if no log link has them', () => {
  const { write, seen, name } = node()
  const state = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'
  const config = (container: string): string =>
    `{"process":{"env":["PASSWORD=x"]},"annotations":{${container}"io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop","io.kubernetes.cri.sandbox-uid":"${UID}"}}`
  const sandbox = ID.replace('9d', 'ab')
  write(`${state}/${ID}/config.json`, config('"io.kubernetes.cri.container-name":"nginx",'))
  write(`${state}/${sandbox}/config.json`, config(''))
  write(`${state}/${ID.replace('9d', 'cd')}/config.json`, '{"annotations":{}}')
  expect(seen(0)).toHaveLength(3)
  expect(name(`${SLICE}/cri-containerd-${ID}.scope`)).toBe('shop/web-0 nginx')
  expect(name(`/kubepods/${sandbox}`)).toBe('shop/web-0')
  expect(name(SLICE)).toBe('shop/web-0')
})

test('names that dockershim and CRI-O give are taken apart', () => {
  const { write, seen, name } = node()
  const [docker, crio] = [ID, ID.replace('9d', 'ab')]
  write(`/var/lib/docker/containers/${docker}/config.v2.json`, `{"Name":"/k8s_nginx_web-0_shop_${UID}_2"}`)
  write(
    '/var/lib/containers/storage/overlay-containers/containers.json',
    `[{"id":"${crio}","names":["k8s_POD_web-0_shop_${UID}_0"]}]`,
  )
  seen(0)
  expect(name(`/kubepods/pod${UID}/${docker}`)).toBe('shop/web-0 nginx')
  expect(name(`/kubepods.slice/crio-${crio}.scope`)).toBe('shop/web-0')
})

test('a node without any of it has no names, and no error', () => {
  const { seen, name } = node()
  expect(seen(0)).toEqual([])
  for (const path of ['/', SLICE, `/docker/${ID}`, '/system.slice/sshd.service', '/pod'])
    expect(name(path)).toBeUndefined()
})
