// `docker inspect` of a container that was killed: name, limit, exit code and time. Pure.
import { formatBytes } from '../../base/format.ts'
import { type LogLine, toProgramLine } from './log-line.ts'

/** Returns what it says as a line of docker; undefined if the object is no such container. */
export function parseInspection(fields: object): LogLine | undefined {
  const { Id: id, Name: name, State: state, HostConfig: host } = fields as Readonly<Record<string, unknown>>
  if (typeof id !== 'string' || !/^[0-9a-f]{4,64}$/.test(id) || !isObject(state) || state.OOMKilled !== true)
    return undefined
  const limit = isObject(host) && typeof host.Memory === 'number' && host.Memory > 0 ? host.Memory : null
  const label = typeof name === 'string' ? name.replace(/^\//, '') : id.slice(0, 12)
  const about = [
    `name=${label.replace(/[^\w.-]/g, '_').slice(0, 128)}`,
    ...(limit === null ? [] : [`limit=${formatBytes(limit)}`]),
    ...(typeof state.ExitCode === 'number' ? [`exitCode=${state.ExitCode}`] : []),
  ]
  const finished = typeof state.FinishedAt === 'string' ? Date.parse(state.FinishedAt) : Number.NaN
  const wall = Number.isNaN(finished) ? null : finished
  return toProgramLine(`container oom ${id.padEnd(12, '0')} (${about.join(', ')})`, 'docker', '', {
    format: 'docker inspect',
    wall,
  })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
