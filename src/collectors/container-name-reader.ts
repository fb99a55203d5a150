// Reads the names of pods and containers from log links, pod directories and the state of container runtimes.
import { parseForeignJson } from '../base/foreign-json.ts'
import { type Files, type Host, tryListDirectory } from './collector.ts'

/** The folder of links whose names contain pod, namespace, container and its id (kubelet). */
export const LOGS = '/var/log/containers/'
/** The folder of pods: namespace, name and uid are in the names of its folders (kubelet). */
export const PODS = '/var/log/pods/'
const DOCKER = '/var/lib/docker/containers/'
/** State of containerd's CRI plugin: one directory for each running container. */
const CONTAINERD = '/run/containerd/io.containerd.runtime.v2.task/k8s.io/'
/** Lists of podman and CRI-O: of permanent containers, and of those that are removed when they end (`--rm`, quadlets). */
export const STORAGE_LISTS: readonly string[] = ['containers.json', 'volatile-containers.json'].map(
  name => `/var/lib/containers/storage/overlay-containers/${name}`,
)

/** A log link: web-0_shop_nginx-9d1c….log */
export const LOG_LINK = /^([^_/]+)_([^_/]+)_([^/]+)-([0-9a-f]{64})\.log$/

const RELIST_INTERVAL = 30_000 // ms between listings of a directory without a change

/** Creates the reader. Each name is a file of its own in a recording, so that a new pod adds one line, not the whole listing. */
export function openNames(host: Host): (time: number) => Files {
  const logs = createDirectoryReader(host, LOGS, name => host.readLink(`${LOGS}${name}`) ?? '')
  const pods = createDirectoryReader(host, PODS, () => '', '/')
  const docker = createDirectoryReader(host, DOCKER, id => readDockerName(host, id), '/name')
  // if a log link has the name already, a state file of 50 KB need not be read
  const namedByLogs = new Set<string>()
  const containerd = createDirectoryReader(
    host,
    CONTAINERD,
    id => (namedByLogs.has(id) ? '' : readContainerdName(host, id)),
    '/name',
  )
  let storageReadAt = Number.NEGATIVE_INFINITY
  return time => {
    const links = logs(time)
    for (const path in links) namedByLogs.add(LOG_LINK.exec(path.slice(LOGS.length))?.[4] ?? '')
    const files = { ...links, ...pods(time), ...docker(time), ...containerd(time) }
    if (time - storageReadAt < RELIST_INTERVAL) return files
    storageReadAt = time
    return Object.assign(files, ...STORAGE_LISTS.map(path => readStorageNames(host, path)))
  }
}

/** Creates a reader of changes in a directory: the text of each new name, null for a removed one, nothing if there is no such directory. */
function createDirectoryReader(
  host: Host,
  directory: string,
  readText: (name: string) => string,
  suffix = '',
): (time: number) => Files {
  const known = new Set<string>()
  let watcher: { readonly stop: (() => void) | undefined } | undefined
  let hasChanged = false
  let listedAt = Number.NEGATIVE_INFINITY
  return time => {
    if (!hasChanged && time - listedAt < RELIST_INTERVAL) return {}
    hasChanged = false
    listedAt = time
    if (!watcher?.stop) watcher = { stop: host.watchDirectory(directory.slice(0, -1), () => (hasChanged = true)) }
    const current = new Set(tryListDirectory(host, directory))
    const files: Record<string, string | null> = {}
    for (const name of known) if (!current.has(name) && known.delete(name)) files[`${directory}${name}${suffix}`] = null
    for (const name of current) {
      if (known.has(name)) continue
      known.add(name)
      files[`${directory}${name}${suffix}`] = readText(name)
    }
    return files
  }
}

// Keeps only the name from config.v2.json: the file also contains the container's environment, with passwords. The name begins with
// a slash, unlike a label called Name.
function readDockerName(host: Host, id: string): string {
  try {
    const name = /"Name":"\/([\w.-]+)"/.exec(host.readFile(`${DOCKER}${id}/config.v2.json`))?.[1]
    return name === undefined ? '' : `${id} ${name}\n`
  } catch {
    return ''
  }
}

// Keeps only the names from the state: it also contains the container's environment. A sandbox has no container-name.
function readContainerdName(host: Host, id: string): string {
  try {
    const state = host.readFile(`${CONTAINERD}${id}/config.json`)
    const findAnnotation = (name: string): string | undefined =>
      new RegExp(`"io\\.kubernetes\\.cri\\.${name}": ?"([\\w.-]+)"`).exec(state)?.[1]
    const [pod, namespace, uid] = [
      findAnnotation('sandbox-name'),
      findAnnotation('sandbox-namespace'),
      findAnnotation('sandbox-uid'),
    ]
    if (!pod || !namespace || !uid) return ''
    return `${id} k8s_${findAnnotation('container-name') ?? 'POD'}_${pod}_${namespace}_${uid}\n`
  } catch {
    return ''
  }
}

// [{"id":"9d1c…","names":["web"],…}]: the list of podman and CRI-O. Keeps one line `id name` for each container.
function readStorageNames(host: Host, path: string): Files {
  try {
    const entries = parseForeignJson(host.readFile(path)) as readonly { id?: unknown; names?: unknown }[]
    const lines = entries.map(({ id, names: all }) => `${id} ${Array.isArray(all) ? String(all[0]) : ''}\n`)
    return { [path]: lines.join('') }
  } catch {
    return {}
  }
}
