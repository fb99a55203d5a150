// Short names of cgroups for narrow places. The full path stays in every detail view and export.

/** Hex digits of the shortest container ID: a shorter part of a path is none. */
const MIN_CONTAINER_ID = 32
// kubepods-burstable-pod3f0c9a51_7c2e_….slice, pod3f0c9a51-7c2e-…
const POD = /^(?:(?:[a-z-]+-)?kubepods(?:-burstable|-besteffort)?-)?pod([0-9a-f]{8})[-_0-9a-f]*(?:\.slice)?$/
// cri-containerd-9d1c….scope, docker-….scope, crio-….scope, or the id alone: 64 hex digits, 32 for some; its monitor crio-conmon-…
// kubepods-pod3f0c….slice:cri-containerd:9d1c…: kubelet takes it for systemd's name, containerd (SystemdCgroup = false) for a path
const CONTAINER = /^(?:[a-z-]+?-|[^/]*:)??(conmon-)?([0-9a-f]{12})[0-9a-f]{20,52}(?:\.scope)?$/

const shortenPart = (part: string): string => {
  const short = part.includes('pod') ? part.replace(POD, 'pod $1') : part // it is in Podman's libpod-9d1c….scope too
  return short.length < MIN_CONTAINER_ID ? short : short.replace(CONTAINER, '$1$2')
}

const UNIT_SUFFIX = /\.(service|slice|scope|mount|socket|swap)$/

// A systemd names a unit once, but containers and users have one of their own: whose it is. `/lxc/101`, `/lxc.payload.101`, machine-web.scope
function findManager(parts: readonly string[]): readonly string[] {
  const index = parts.findLastIndex(
    (part, i) => /\.(service|scope)$|^lxc\.payload/.test(part) || parts[i - 1] === 'lxc' || CONTAINER.test(part),
  )
  return index < 0 ? [] : [shortenPart(parts[index]!)]
}

/**
 * A cgroup path in few characters: a systemd unit by its own name, after whose it is where it is not the node's; else the last two parts,
 * pod and container ids cut to what tells them apart: `pod 3f0c9a51/9d1c6a0be7f2`, `sshd.service`, `101/sshd.service`, `/docker/9d1c6a0be7f2`.
 */
export function shortenCgroupPath(path: string): string {
  const parts = path.split('/').filter(Boolean)
  const last = shortenPart(parts.at(-1) ?? '')
  if (last.startsWith('pod ')) return last
  if (UNIT_SUFFIX.test(last)) return [...findManager(parts.slice(0, -1)), last].join('/')
  return `${parts.length > 2 ? '' : '/'}${parts.slice(-2).map(shortenPart).join('/')}`
}

/** The cgroup of the pod that a path is in or below; the path itself where it is in none. */
export function toPodCgroupPath(path: string): string {
  const parts = path.split('/')
  const index = parts.findIndex(part => POD.test(part))
  return index < 0 ? path : parts.slice(0, index + 1).join('/')
}
