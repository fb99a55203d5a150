// Finds the pod and container of a cgroup path: kubelet with both drivers, docker, containerd, cri-o, podman, LXC.

/** What a cgroup path names; null where it does not. */
export interface Container {
  /** with dashes, as Kubernetes prints it; static pods have 32 digits without */
  readonly podUid: string | null
  /** the runtime's id: 64 hex digits or its own form; a name with LXC and nspawn */
  readonly containerId: string | null
  readonly runtime: 'docker' | 'containerd' | 'cri-o' | 'podman' | 'lxc' | 'nspawn' | null
}

// kubepods-burstable-pod3f0c9a51_7c2e_4d1b_9a60_5b8e2d4f7c13.slice      pod95387fa4-da9c-11e7-9d36-5254b24cbf5e
const POD =
  /(?:^|[/-])pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?=\.slice|\/|$)/
const ID = '([0-9a-f]{64}|[0-9a-f]{32}-\\d+)'

const RUNTIME_PATTERNS: readonly (readonly [RegExp, Container['runtime']])[] = [
  [new RegExp(`/docker-${ID}\\.scope`), 'docker'],
  [new RegExp(`/(?:cri-containerd|containerd|nerdctl)-${ID}\\.scope`), 'containerd'],
  [new RegExp(`:(?:cri-containerd|containerd):${ID}(?=/|$)`), 'containerd'], // kubelet and containerd use different cgroup drivers
  [new RegExp(`/crio-(?:conmon-)?${ID}(?:\\.scope)?`), 'cri-o'],
  [new RegExp(`/libpod-(?:conmon-)?${ID}(?:\\.scope)?`), 'podman'],
  [new RegExp(`/docker/(?:buildkit/)?${ID}(?=/|$)`), 'docker'],
  [new RegExp(`^/(?:k8s\\.io|default|moby)/${ID}(?=/|$)`), 'containerd'],
  [/\/lxc(?:\.payload|\.monitor)?[./]([^/]+)/, 'lxc'],
  [/\/machine\.slice\/machine-([^/]+)\.scope/, 'nspawn'],
  [new RegExp(`/${ID}(?=/|$)`), null], // cgroupfs driver: the id alone
]

/** Returns pod UID and container id of a cgroup path, all null if it belongs to no container. Of nested containers the innermost counts. */
export function parseContainerPath(path: string): Container {
  const pod = Array.from(path.matchAll(new RegExp(POD, 'g'))).at(-1)
  const pathBelowPod = pod ? path.slice(pod.index + pod[0].length) : path
  for (const [pattern, runtime] of RUNTIME_PATTERNS) {
    const match = pattern.exec(pathBelowPod)
    if (match) return { podUid: formatPodUid(pod), containerId: match[1]!, runtime }
  }
  return { podUid: formatPodUid(pod), containerId: null, runtime: null }
}

const formatPodUid = (pod: RegExpMatchArray | undefined): string | null => pod?.[1]?.replaceAll('_', '-') ?? null
