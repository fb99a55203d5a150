// Names: which pod, namespace and container a cgroup is, from what lies on the node. No API is asked, and no file with secrets kept.
import { fromBytes } from '../base/text.ts'
import { shortCgroup } from './cgroups/name.ts'
import type { Collector, Files, Host } from './collector.ts'

const LOGS = '/var/log/containers/'
const PODS = '/var/log/pods/'
const DOCKER = '/var/lib/docker/containers/'
/** State of containerd's CRI plugin: a directory for each container that runs. */
const CONTAINERD = '/run/containerd/io.containerd.runtime.v2.task/k8s.io/'
/** Lists of podman and CRI-O: of containers that stay, and of those that go when they end (`--rm`, quadlets). */
export const STORAGES: readonly string[] = ['containers.json', 'volatile-containers.json'].map(
  name => `/var/lib/containers/storage/overlay-containers/${name}`,
)

/** Names that are remembered after what bore them is gone; the oldest are forgotten first. */
const KEPT = 20_000
const AGAIN = 30_000 // ms between listings of a directory that nothing stirred

/** A pod or container by its names; null: not told. */
export interface Owner {
  readonly namespace: string | null
  readonly pod: string | null
  readonly container: string | null
}

/** By pod UID and by container ID. What is gone keeps its name: the log tells of a kill after the pod's death. */
export interface Names {
  readonly pods: ReadonlyMap<string, Owner>
  readonly containers: ReadonlyMap<string, Owner>
}

export const names: Collector<Names> = {
  title: 'names of pods and containers',
  optional: true,
  interval: 1000,
  open: openNames,
  empty: { pods: new Map(), containers: new Map() },
  fold: (memory, files) => {
    const pods = new Map(memory.pods)
    const containers = new Map(memory.containers)
    for (const [path, text] of Object.entries(files)) if (text !== null) take(path, fromBytes(text), pods, containers)
    return { pods: youngest(pods), containers: youngest(containers) }
  },
}

const youngest = (map: Map<string, Owner>): ReadonlyMap<string, Owner> =>
  map.size > KEPT ? new Map([...map].slice(-KEPT)) : map

// web-0_shop_nginx-9d1c….log -> /var/log/pods/shop_web-0_3f0c9a51-…/nginx/0.log; before Kubernetes 1.14 /var/log/pods/3f0c9a51-…/…
const LOG = /^([^_/]+)_([^_/]+)_([^/]+)-([0-9a-f]{64})\.log$/
const LOG_TARGET = /\/pods\/(?:[^/]*_)?([0-9a-f-]{32,36})\//
// shop_web-0_3f0c9a51-7c2e-4d1b-9a60-5b8e2d4f7c13; of a static pod the UID is 32 hex digits
const POD = /^([^_/]+)_([^_/]+)_([0-9a-f-]{32,36})$/

function take(path: string, text: string, pods: Map<string, Owner>, containers: Map<string, Owner>): void {
  if (path.startsWith(LOGS)) {
    const [, pod, namespace, container, id] = LOG.exec(path.slice(LOGS.length)) ?? []
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
      if (name && !containers.has(id)) containers.set(id, takeName(name, pods))
    }
  }
}

// As dockershim, CRI-O and cri-dockerd name containers: k8s_nginx_web-0_shop_3f0c9a51-…_0; the pod's own is called POD
const K8S = /^k8s_([^_]+)_([^_]+)_([^_]+)_([0-9a-f-]{32,36})(?:_\d+)?$/

function takeName(name: string, pods: Map<string, Owner>): Owner {
  const [, container, pod, namespace, uid] = K8S.exec(name) ?? []
  if (uid === undefined) return { namespace: null, pod: null, container: name }
  const owner = { namespace: namespace!, pod: pod!, container: null }
  if (!pods.has(uid)) pods.set(uid, owner)
  return container === 'POD' ? owner : { ...owner, container: container! }
}

// Each name is a file of its own to the recording, so that one pod more is one line more, not the whole listing.
function openNames(host: Host): (time: number) => Files {
  const logs = listing(host, LOGS, name => host.link(`${LOGS}${name}`) ?? '')
  const pods = listing(host, PODS, () => '', '/')
  const docker = listing(host, DOCKER, id => dockerName(host, id), '/name')
  // where logs tell the name already, a state of 50 KB need not be read
  const logged = new Set<string>()
  const containerd = listing(host, CONTAINERD, id => (logged.has(id) ? '' : containerdName(host, id)), '/name')
  let storageReadAt = Number.NEGATIVE_INFINITY
  return time => {
    const links = logs(time)
    for (const path in links) logged.add(LOG.exec(path.slice(LOGS.length))?.[4] ?? '')
    const files = { ...links, ...pods(time), ...docker(time), ...containerd(time) }
    if (time - storageReadAt < AGAIN) return files
    storageReadAt = time
    return Object.assign(files, ...STORAGES.map(path => storageNames(host, path)))
  }
}

/** What came and went in a directory: `text` of each new name, null for one that is gone. Nothing when there is no such directory. */
function listing(host: Host, directory: string, text: (name: string) => string, suffix = ''): (time: number) => Files {
  const known = new Set<string>()
  let watch: { readonly stop: (() => void) | undefined } | undefined
  let stirred = false
  let listedAt = Number.NEGATIVE_INFINITY
  return time => {
    if (!stirred && time - listedAt < AGAIN) return {}
    stirred = false
    listedAt = time
    if (!watch?.stop) watch = { stop: host.watch(directory.slice(0, -1), () => (stirred = true)) }
    const now = new Set(tryList(host, directory))
    const files: Record<string, string | null> = {}
    for (const name of known) if (!now.has(name) && known.delete(name)) files[`${directory}${name}${suffix}`] = null
    for (const name of now) {
      if (known.has(name)) continue
      known.add(name)
      files[`${directory}${name}${suffix}`] = text(name)
    }
    return files
  }
}

function tryList(host: Host, directory: string): readonly string[] {
  try {
    return host.list(directory)
  } catch {
    return []
  }
}

// Of config.v2.json only the name is kept: it has the container's environment in it, and that has passwords. Unlike a label
// called Name it begins with a slash.
function dockerName(host: Host, id: string): string {
  try {
    const name = /"Name":"\/([\w.-]+)"/.exec(host.read(`${DOCKER}${id}/config.v2.json`))?.[1]
    return name === undefined ? '' : `${id} ${name}\n`
  } catch {
    return ''
  }
}

// Of the state only the names are kept: it has the container's environment in it. A sandbox has no container-name.
function containerdName(host: Host, id: string): string {
  try {
    const state = host.read(`${CONTAINERD}${id}/config.json`)
    const word = (name: string): string | undefined =>
      new RegExp(`"io\\.kubernetes\\.cri\\.${name}": ?"([\\w.-]+)"`).exec(state)?.[1]
    const [pod, namespace, uid] = [word('sandbox-name'), word('sandbox-namespace'), word('sandbox-uid')]
    if (!pod || !namespace || !uid) return ''
    return `${id} k8s_${word('container-name') ?? 'POD'}_${pod}_${namespace}_${uid}\n`
  } catch {
    return ''
  }
}

// [{"id":"9d1c…","names":["web"],…}]: podman and CRI-O; one `id name` a line is kept.
function storageNames(host: Host, path: string): Files {
  try {
    const entries = JSON.parse(host.read(path)) as readonly { id?: unknown; names?: unknown }[]
    const lines = entries.map(({ id, names: all }) => `${id} ${Array.isArray(all) ? String(all[0]) : ''}\n`)
    return { [path]: lines.join('') }
  } catch {
    return {}
  }
}

/** Hex digits of a container's ID: a shorter part of a path is none. */
const ID = 64
// kubepods-burstable-pod3f0c9a51_7c2e_….slice, pod3f0c9a51-7c2e-…, kubepods-pod3f0c….slice:cri-containerd:9d1c… (see name.ts)
const POD_PART = /(?:^|-)pod([0-9a-f]{8}[-_0-9a-f]*?)(?:\.slice(?::.*)?)?$/
// crio-conmon-9d1c….scope has the container's ID too, and is no part of it
const CONTAINER_PART = /^(?:(?!\S*conmon-)[a-z-]+-|\S+:)?([0-9a-f]{64})(?:\.scope)?$/

/** An owner, and what part of a path lies below it: a container may have cgroups of its own, even those of pods. */
interface Placed {
  readonly owner: Owner
  readonly below: readonly string[]
}

// The deepest that has a name.
function placedOf({ pods, containers }: Names, path: string): Placed | undefined {
  if (pods.size === 0 && containers.size === 0) return undefined
  const parts = path.split('/')
  for (let at = parts.length - 1; at > 0; at--) {
    const part = parts[at]!
    const [, id] = (part.length >= ID && CONTAINER_PART.exec(part)) || []
    const [, uid] = (part.includes('pod') && POD_PART.exec(part)) || []
    const owner = (id && containers.get(id)) || (uid && pods.get(uid.replaceAll('_', '-')))
    if (owner) return { owner, below: parts.slice(at + 1) }
  }
  return undefined
}

/** Whose cgroup it is, or is below, from the IDs in its path; undefined where nothing on the node names it. */
export const ownerOf = (names: Names, path: string): Owner | undefined => placedOf(names, path)?.owner

/** An owner in few words: `shop/web-0 nginx`, `shop/web-0`, or a container's name alone. */
export function ownerText({ namespace, pod, container }: Owner): string {
  const place = pod === null ? '' : `${namespace}/${pod}`
  return container === null ? place : place === '' ? container : `${place} ${container}`
}

/** A cgroup in few words: the pod or container it is, and what it is in that; where the node names none, its short path. */
export function nameOf({ names }: { readonly names: Names }, path: string): string {
  const placed = placedOf(names, path)
  if (!placed) return shortCgroup(path)
  const { owner, below } = placed
  return below.length === 0 ? ownerText(owner) : `${ownerText(owner)} ${shortCgroup(`/${below.join('/')}`)}`
}

/** The same where the row above tells what it is in: a pod or container by its name, else the last part of its path. */
export function leafName({ names }: { readonly names: Names }, path: string): string {
  const placed = placedOf(names, path)
  return placed?.below.length === 0 ? ownerText(placed.owner) : shortCgroup(path).split('/').at(-1) || path
}
