// Objects that say that a container was killed: of `docker inspect` and `kubectl get pod -o json`. Name, limit and time. Pure.
import { formatBytes, formatList } from '../../../base/format.ts'
import { type LogLine, toProgramLine } from '../lines/log-line.ts'

type Fields = Readonly<Record<string, unknown>>

const MAX_CONTAINERS = 100

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,253}$/.test(value)

const isPodman = (state: Fields): boolean => 'OciVersion' in state || 'ConmonPid' in state || 'OCIVersion' in state

/** Returns what it says as a line of docker or podman; undefined if the object is no such container. */
export function parseInspection(fields: object): LogLine | undefined {
  const { Id: id, Name: name, State: state, HostConfig: host } = fields as Fields
  if (typeof id !== 'string' || !/^[0-9a-f]{4,64}$/.test(id) || !isObject(state) || state.OOMKilled !== true)
    return undefined
  const limit = isObject(host) && typeof host.Memory === 'number' && host.Memory > 0 ? host.Memory : null
  const label = typeof name === 'string' ? name.replace(/^\//, '') : id.slice(0, 12)
  const about = [
    `name=${label.replace(/[^\w.-]/g, '_').slice(0, 128)}`,
    ...(limit === null ? [] : [`limit=${formatBytes(limit)}`]),
    ...(typeof state.ExitCode === 'number' ? [`exitCode=${state.ExitCode}`] : []),
  ]
  const wall = parseWall(state.FinishedAt)
  const runtime = isPodman(state) ? 'podman' : 'docker'
  return toProgramLine(`container oom ${id.padEnd(12, '0')} (${about.join(', ')})`, runtime, '', {
    format: `${runtime} inspect`,
    wall,
  })
}

// Where the status of a pod lists its containers, where its spec does, and what those are called.
const LISTS = [
  ['initContainerStatuses', 'initContainers', 'init container'],
  ['containerStatuses', 'containers', 'container'],
  ['ephemeralContainerStatuses', 'ephemeralContainers', 'ephemeral container'],
] as const

/** Returns what a pod says as a line of the kubelet: its containers that were killed; undefined if there is none. */
export function parsePodStatus(fields: object): LogLine | undefined {
  const { metadata, spec, status } = fields as Fields
  if (!isObject(metadata) || !isName(metadata.name) || !isObject(status)) return undefined
  const killed = LISTS.flatMap(([statuses, specs, kind]) =>
    listKilled(status[statuses]).map(({ name, end }) => {
      const limit = findLimit(isObject(spec) ? spec[specs] : undefined, name)
      return { end, text: `${kind} ${name}${limit === undefined ? '' : ` (limit ${limit})`}` }
    }),
  )
  if (killed.length === 0) return undefined
  const pod = isName(metadata.namespace) ? `${metadata.namespace}/${metadata.name}` : metadata.name
  const text = `OOMKilled: ${formatList(killed.map(one => one.text))} of pod ${pod}`
  return toProgramLine(text, 'kubelet', '', { format: 'pod status', wall: parseWall(killed[0]!.end.finishedAt) })
}

function listKilled(statuses: unknown): readonly { readonly name: string; readonly end: Fields }[] {
  const list: readonly unknown[] = Array.isArray(statuses) ? statuses.slice(0, MAX_CONTAINERS) : []
  return list.flatMap(container => {
    if (!isObject(container) || !isName(container.name)) return []
    const end = [container.state, container.lastState].map(getTermination).find(one => one?.reason === 'OOMKilled')
    return end ? [{ name: container.name, end }] : []
  })
}

function getTermination(state: unknown): Fields | undefined {
  return isObject(state) && isObject(state.terminated) ? state.terminated : undefined
}

function findLimit(specs: unknown, name: string): string | undefined {
  const containers = Array.isArray(specs) ? specs : []
  const own: unknown = containers.find(one => isObject(one) && one.name === name)
  const limits = isObject(own) && isObject(own.resources) ? own.resources.limits : undefined
  const memory = isObject(limits) ? limits.memory : undefined
  return typeof memory === 'string' && /^[\w.]{1,20}$/.test(memory) ? memory : undefined
}

function parseWall(value: unknown): number | null {
  const wall = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(wall) ? null : wall
}
