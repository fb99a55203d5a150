// Objects that say that a container was killed: of `docker inspect` and `kubectl get pod -o json`. Name, limit and time. Pure.
import { formatBytes } from '../../base/format.ts'
import { type LogLine, toProgramLine } from './log-line.ts'

type Fields = Readonly<Record<string, unknown>>

const MAX_CONTAINERS = 100

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isName = (value: unknown): value is string => typeof value === 'string' && /^[\w.-]{1,253}$/.test(value)

/** Returns what it says as a line of docker; undefined if the object is no such container. */
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
  return toProgramLine(`container oom ${id.padEnd(12, '0')} (${about.join(', ')})`, 'docker', '', {
    format: 'docker inspect',
    wall,
  })
}

/** Returns what a pod says as a line of the kubelet: the first of its containers that was killed; undefined if there is none. */
export function parsePodStatus(fields: object): LogLine | undefined {
  const { metadata, spec, status } = fields as Fields
  const statuses = isObject(status) && Array.isArray(status.containerStatuses) ? status.containerStatuses : []
  for (const container of statuses.slice(0, MAX_CONTAINERS)) {
    if (!isObject(container) || !isName(container.name) || !isObject(metadata) || !isName(metadata.name)) continue
    const end = [container.state, container.lastState].map(getTermination).find(one => one?.reason === 'OOMKilled')
    if (!end) continue
    const pod = isName(metadata.namespace) ? `${metadata.namespace}/${metadata.name}` : metadata.name
    const limit = findLimit(spec, container.name)
    const text = `OOMKilled: container ${container.name} of pod ${pod}${limit === undefined ? '' : `, limit ${limit}`}`
    return toProgramLine(text, 'kubelet', '', { format: 'pod status', wall: parseWall(end.finishedAt) })
  }
  return undefined
}

function getTermination(state: unknown): Fields | undefined {
  return isObject(state) && isObject(state.terminated) ? state.terminated : undefined
}

function findLimit(spec: unknown, name: string): string | undefined {
  const containers = isObject(spec) && Array.isArray(spec.containers) ? spec.containers : []
  const own: unknown = containers.find(one => isObject(one) && one.name === name)
  const limits = isObject(own) && isObject(own.resources) ? own.resources.limits : undefined
  const memory = isObject(limits) ? limits.memory : undefined
  return typeof memory === 'string' && /^[\w.]{1,20}$/.test(memory) ? memory : undefined
}

function parseWall(value: unknown): number | null {
  const wall = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(wall) ? null : wall
}
