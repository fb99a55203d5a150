// Short names of cgroups for narrow columns. Detail pages and exports show the full path.

/** Number of hex digits of the shortest container ID: a shorter part of a path cannot be one. */
const MIN_CONTAINER_ID = 32
// kubepods-burstable-pod3f0c9a51_7c2e_….slice, pod3f0c9a51-7c2e-…
const POD = /^(?:(?:[a-z-]+-)?kubepods(?:-burstable|-besteffort)?-)?pod([0-9a-f]{8})[-_0-9a-f]*(?:\.slice)?$/
// cri-containerd-9d1c….scope, docker-….scope, crio-….scope, or the id alone: 64 hex digits, sometimes 32; its monitor crio-conmon-…
// kubepods-pod3f0c….slice:cri-containerd:9d1c…: for kubelet a systemd name, for containerd (SystemdCgroup = false) a path
const CONTAINER = /^(?:[a-z-]+?-|[^/]*:)??(conmon-)?([0-9a-f]{12})[0-9a-f]{20,52}(?:\.scope)?$/

const shortenPart = (part: string): string => {
  const short = part.includes('pod') ? part.replace(POD, 'pod $1') : part // it is in Podman's libpod-9d1c….scope too
  return short.length < MIN_CONTAINER_ID ? short : short.replace(CONTAINER, '$1$2')
}

const UNIT_SUFFIX = /\.(service|slice|scope|mount|socket|swap)$/

// The owner of a systemd: unit names are unique in one systemd, but containers and users run their own. `/lxc/101`,
// `/lxc.payload.101`, machine-web.scope
function findManager(parts: readonly string[]): readonly string[] {
  const index = parts.findLastIndex(
    (part, i) => /\.(service|scope)$|^lxc\.payload/.test(part) || parts[i - 1] === 'lxc' || CONTAINER.test(part),
  )
  return index < 0 ? [] : [shortenPart(parts[index]!)]
}

/**
 * Shortens a cgroup path. A systemd unit becomes its name, with its owner in front if that is not the node. Otherwise the last two
 * parts remain, with short pod and container ids: `pod 3f0c9a51/9d1c6a0be7f2`, `sshd.service`, `101/sshd.service`,
 * `/docker/9d1c6a0be7f2`.
 */
export function shortenCgroupPath(path: string): string {
  const parts = path.split('/').filter(Boolean)
  const last = shortenPart(parts.at(-1) ?? '')
  if (last.startsWith('pod ')) return last
  if (UNIT_SUFFIX.test(last)) return [...findManager(parts.slice(0, -1)), last].join('/')
  return `${parts.length > 2 ? '' : '/'}${parts.slice(-2).map(shortenPart).join('/')}`
}

/** Returns the cgroup of the pod that a path belongs to; the path itself if it belongs to none. */
export function toPodCgroupPath(path: string): string {
  const parts = path.split('/')
  const index = parts.findIndex(part => POD.test(part))
  return index < 0 ? path : parts.slice(0, index + 1).join('/')
}
