// Pseudonyms for the names in a node's texts: the same name always gets the same pseudonym of the same format. Names that every node has
// stay.
import { COPY_NAME } from '../../collectors/slab-copies.ts'

/** Returns a keyed digest of a text in hex digits, of at least 32 bytes. */
export type Digest = (text: string) => string

/** Components of paths that describe the structure of a tree, not its owner. */
const COMMON_COMPONENTS = new Set(
  `sys fs proc cgroup memory unified systemd self 1 cpu cpuacct cpu,cpuacct cpuset pids blkio devices freezer hugetlb net_cls
  net_prio net_cls,net_prio perf_event rdma misc kubepods kubepods.slice kubepods-burstable.slice kubepods-besteffort.slice
  burstable besteffort guaranteed system.slice user.slice init.scope machine.slice -.slice docker crio lxc k8s.io default
  moby buildkit libpod_parent`.split(/\s+/),
)
// user-1000.slice, user@1000.service, session-3.scope, user-runtime-dir@1000.service
const LOGIN = /^(user-\d+\.slice|user@\d+\.service|session-c?\d+\.scope|user-runtime-dir@\d+\.service)$/
const UUID = '[0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32}'
// kubepods-burstable-pod3f0c9a51_7c2e_….slice, pod3f0c9a51-7c2e-…
const POD = new RegExp(`^((?:kubepods-(?:burstable-|besteffort-)?)?pod)(${UUID})(\\.slice)?$`)
// cri-containerd-9d1c….scope, or the id alone; ECS appends a number
const CONTAINER =
  /^((?:docker|cri-containerd|containerd|nerdctl|crio|crio-conmon|libpod|libpod-conmon)-)?([0-9a-f]{64}|[0-9a-f]{32}-\d+)(\.scope)?$/
const NAMED = /^(lxc\.payload\.|lxc\.monitor\.|machine-)(.*?)(\.scope)?$/s
const UNIT = /\.(service|slice|scope|mount|socket|swap)$/

/** Kernel threads: every node has them. */
const KERNEL_THREAD =
  /^(kworker\/[\w:+-]+|kswapd\d+|ksoftirqd\/\d+|kcompactd\d+|migration\/\d+|cpuhp\/\d+|rcu_\w+|khugepaged|kthreadd|ksmd|kdevtmpfs|kauditd|khungtaskd|oom_reaper|swapper(\/\d+)?|writeback|jbd2\/[\w-]+|watchdog(\/\d+|d)?)$/

/** Gives each name its pseudonym. Keyed: the same key and name give the same pseudonym in every file. */
export class Pseudonyms {
  private readonly digest: Digest
  private readonly known = new Map<string, string>()

  constructor(digest: Digest) {
    this.digest = digest
  }

  redactHost = (text: string): string => (text === 'unknown' ? text : this.getPseudonym('host', 'host-', text))

  /** Replaces the digits of a boot id, machine id, pod UID or container id. */
  redactId = (text: string): string => {
    const digits = this.digest(`id ${text.toLowerCase().replace(/[-_]/g, '')}`)
    let at = 0
    return text.replace(/[0-9a-f]/gi, () => digits[at++ % digits.length]!)
  }

  /** Replaces the name of a process or thread, as truncated by the kernel. */
  redactComm = (text: string): string =>
    text === '' || KERNEL_THREAD.test(text) ? text : this.getPseudonym('comm', 'proc-', text)

  /** Replaces the name of a pod, namespace or container. */
  redactName = (text: string): string =>
    /^(default|kube-system|)$/.test(text) ? text : this.getPseudonym('word', 'n-', text)

  /** Replaces a path, component by component. The path must be decoded text, as in the log: bytes would give other pseudonyms. */
  redactPath = (text: string): string => text.split('/').map(this.redactComponent).join('/')

  redactComponent = (part: string): string => {
    if (part === '' || part === '(others)' || COMMON_COMPONENTS.has(part) || LOGIN.test(part)) return part
    const [, pod, uid, slice = ''] = POD.exec(part) ?? []
    if (uid !== undefined) return pod + this.redactId(uid) + slice
    const [, runtime = '', id, scope = ''] = CONTAINER.exec(part) ?? []
    if (id !== undefined) return runtime + this.redactContainerId(id) + scope
    const [, kind, name, end = ''] = NAMED.exec(part) ?? []
    if (name !== undefined) return kind + this.getPseudonym('component', 'c-', name) + end
    const unit = UNIT.exec(part)?.[0] ?? ''
    return this.getPseudonym('component', 'c-', part.slice(0, part.length - unit.length)) + unit
  }

  /** Replaces the cgroup in the name of a per-cgroup copy, `dentry(123:web-0)`, and addresses; other names of slab caches stay. */
  redactCache = (text: string): string => {
    const [, cache, number, cgroup] = COPY_NAME.exec(text) ?? []
    return cache === undefined
      ? this.redactAddresses(text)
      : `${this.redactAddresses(cache)}(${number}:${this.redactComponent(cgroup!)})`
  }

  // nf_conntrack_ffff880036e40000: one for each network namespace, named by its address (up to 4.8)
  private redactAddresses(text: string): string {
    return text.replace(/ffff[0-9a-f]{12}/g, address => `ffff${this.redactId(address.slice(4))}`)
  }

  private redactContainerId(id: string): string {
    const [hex = '', number] = id.split('-')
    return number === undefined ? this.redactId(hex) : `${this.redactId(hex)}-${number}`
  }

  private getPseudonym(kind: string, prefix: string, text: string): string {
    const key = `${kind} ${text}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const name = prefix + this.digest(key).slice(0, 10)
    if (this.known.size >= MAX_KNOWN) this.known.clear()
    this.known.set(key, name)
    return name
  }
}

const MAX_KNOWN = 50_000 // cached names; others are computed again
