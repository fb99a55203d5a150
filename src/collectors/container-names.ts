// Names the pod, namespace and container of a cgroup, from files on the node. No API is asked, and no file with secrets is kept.
import { decodeUtf8 } from '../base/text.ts'
import { shortenCgroupPath } from './cgroups/short-name.ts'
import type { Collector } from './collector.ts'
import { LOG_LINK, LOGS, openNames, PODS } from './container-name-reader.ts'

/** Maximum number of names kept, those of removed pods and containers included; the oldest are dropped first. */
const MAX_NAMES = 20_000

/** The names of a pod or container; null if unknown. */
export interface Owner {
  readonly namespace: string | null
  readonly pod: string | null
  readonly container: string | null
}

/** Names by pod UID and by container ID. Removed pods keep their names, because the log may report a kill after the pod is gone. */
export interface ContainerNames {
  readonly pods: ReadonlyMap<string, Owner>
  readonly containers: ReadonlyMap<string, Owner>
}

/** Finds the names of new pods and containers, once a second. */
export const names: Collector<ContainerNames> = {
  kind: 'file',
  title: 'names of pods and containers',
  optional: true,
  interval: 1000,
  openReader: openNames,
  empty: { pods: new Map(), containers: new Map() },
  applyFiles: (state, files) => {
    const pods = new Map(state.pods)
    const containers = new Map(state.containers)
    for (const [path, text] of Object.entries(files))
      if (text !== null) addNames(path, decodeUtf8(text), pods, containers)
    return { pods: keepNewest(pods), containers: keepNewest(containers) }
  },
}

const keepNewest = (map: Map<string, Owner>): ReadonlyMap<string, Owner> =>
  map.size > MAX_NAMES ? new Map([...map].slice(-MAX_NAMES)) : map

// a log link points to /var/log/pods/shop_web-0_3f0c9a51-…/nginx/0.log; before Kubernetes 1.14 /var/log/pods/3f0c9a51-…/…
const LOG_TARGET = /\/pods\/(?:[^/]*_)?([0-9a-f-]{32,36})\//
// shop_web-0_3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13; the UID of a static pod is 32 hex digits
const POD = /^([^_/]+)_([^_/]+)_([0-9a-f-]{32,36})$/

function addNames(path: string, text: string, pods: Map<string, Owner>, containers: Map<string, Owner>): void {
  if (path.startsWith(LOGS)) {
    const [, pod, namespace, container, id] = LOG_LINK.exec(path.slice(LOGS.length)) ?? []
    if (id === undefined) return
    containers.set(id, { namespace: namespace!, pod: pod!, container: container! })
    const [, uid] = LOG_TARGET.exec(text) ?? []
    if (uid !== undefined) pods.set(uid, { namespace: namespace!, pod: pod!, container: null })
  } else if (path.startsWith(PODS)) {
    const [, namespace, pod, uid] = POD.exec(path.slice(PODS.length, -1)) ?? []
    if (uid !== undefined) pods.set(uid, { namespace: namespace!, pod: pod!, container: null })
  } else {
    for (const line of text.split('\n')) {
      const [id = '', name] = line.split(' ')
      if (name && !containers.has(id)) containers.set(id, addContainerName(name, pods))
    }
  }
}

// Container names of dockershim, CRI-O and cri-dockerd: k8s_nginx_web-0_shop_3f0c9a51-…_0; the pod's sandbox is called POD
const K8S = /^k8s_([^_]+)_([^_]+)_([^_]+)_([0-9a-f-]{32,36})(?:_\d+)?$/

function addContainerName(name: string, pods: Map<string, Owner>): Owner {
  const [, container, pod, namespace, uid] = K8S.exec(name) ?? []
  if (uid === undefined) return { namespace: null, pod: null, container: name }
  const owner = { namespace: namespace!, pod: pod!, container: null }
  if (!pods.has(uid)) pods.set(uid, owner)
  return container === 'POD' ? owner : { ...owner, container: container! }
}

/** Number of hex digits of a container ID: a shorter part of a path cannot contain one. */
const ID_LENGTH = 64
// kubepods-burstable-pod3f0c9a51_7c2e_….slice, pod3f0c9a51-7c2e-…, kubepods-pod3f0c….slice:cri-containerd:9d1c… (see short-name.ts)
const POD_PART = /(?:^|-)pod([0-9a-f]{8}[-_0-9a-f]{0,40}?)(?:\.slice(?::.*)?)?$/s
// crio-conmon-9d1c….scope contains the container's ID too, but does not belong to the container
const CONTAINER_PART = /^(?:(?!\S*conmon-)[a-z-]+-|\S+:)?([0-9a-f]{64})(?:\.scope)?$/

/** An owner, and the part of the path below it: a container may have cgroups of its own, even those of pods. */
interface OwnerMatch {
  readonly owner: Owner
  readonly subpath: readonly string[]
}

// Finds the deepest part of the path that has a name.
function matchOwner({ pods, containers }: ContainerNames, path: string): OwnerMatch | undefined {
  if (pods.size === 0 && containers.size === 0) return undefined
  const parts = path.split('/')
  for (let index = parts.length - 1; index > 0; index--) {
    const part = parts[index]!
    const [, id] = (part.length >= ID_LENGTH && CONTAINER_PART.exec(part)) || []
    const [, uid] = (part.includes('pod') && POD_PART.exec(part)) || []
    const owner = (id && containers.get(id)) || (uid && pods.get(uid.replaceAll('_', '-')))
    if (owner) return { owner, subpath: parts.slice(index + 1) }
  }
  return undefined
}

/** Returns the owner of a cgroup or of its nearest named ancestor, from the IDs in its path; undefined if no file on the node names it. */
export const findOwner = (names: ContainerNames, path: string): Owner | undefined => matchOwner(names, path)?.owner

/** Formats an owner: `shop/web-0 nginx`, `shop/web-0`, or a container's name alone. */
export function formatOwner({ namespace, pod, container }: Owner): string {
  const podName = pod === null ? '' : `${namespace}/${pod}`
  return [podName, container ?? ''].filter(part => part !== '').join(' ')
}

/** Formats a cgroup as its pod or container and the path below it, or as its short path if no file names it. */
export function formatCgroupName({ names }: { readonly names: ContainerNames }, path: string): string {
  const match = matchOwner(names, path)
  if (!match) return shortenCgroupPath(path)
  const { owner, subpath: below } = match
  return below.length === 0 ? formatOwner(owner) : `${formatOwner(owner)} ${shortenCgroupPath(`/${below.join('/')}`)}`
}

/** Formats a cgroup below a row that names its parent: the name of a pod or container, otherwise the last part of its path. */
export function formatLeafName({ names }: { readonly names: ContainerNames }, path: string): string {
  const match = matchOwner(names, path)
  return match?.subpath.length === 0 ? formatOwner(match.owner) : shortenCgroupPath(path).split('/').at(-1) || path
}
