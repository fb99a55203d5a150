// What `kubectl describe` prints about pods and nodes: limits, the last state of containers, the kernel, conditions. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../../base/text.ts'
import type { ProgramKill } from '../../../collectors/kmsg/memory-event.ts'
import type { Snapshot } from './snapshots.ts'

type Description = Extract<Snapshot, { kind: 'kubectl describe' }>
type DescribedContainer = Description['containers'][number]

/** The first line: of all, of the containers, or of one container. /proc/PID/status begins in the same way and has other lines. */
export const DESCRIBE_BEGIN =
  /^Name: {2,}[\w.-]{1,253}$|^(?:Init |Ephemeral )?Containers:$|^ *Container ID: +[a-z-]+:\/\/|^ *(?:Last )?State: +(?:Waiting|Running|Terminated)$/
// The events below are read line by line.
/** A line of `kubectl describe`: a field, an indented line, or a blank one. The events are a piece of their own. */
export const DESCRIBE_LINE = /^(?!Events:)(?:[A-Z][\w ./()-]{0,60}:(?:\s|$)|\s{2,}\S|$)/

const FIELD = /^( *)([A-Z][\w ./()-]{0,60}): *(.*)$/
const SECTION = /^(?:Init |Ephemeral )?Containers:/
const CONTAINER = /^ {2}([a-z0-9][a-z0-9.-]{0,252}):$/
const MAX_CONTAINERS = 500

/** Reads the text of one pod or node, of several, or a part of it. @throws ParseError with neither a name nor a container's end */
export function parseDescription(text: string): Description {
  const lines = splitLines(decodeUtf8(text))
  const get = (name: string): string | null => findField(lines, name)
  const name = get('Name')
  const containers = splitContainers(lines, name === null)
  if (name === null && containers.length === 0) throw new ParseError('kubectl describe', 1, 'Name: …', text)
  return {
    kind: 'kubectl describe',
    name,
    namespace: get('Namespace'),
    containers: containers.slice(0, MAX_CONTAINERS),
    kernel: get('Kernel Version'),
    hasPressure: lines.some(line => /^\s*MemoryPressure\s+True\b/.test(line)),
  }
}

/** What the kubelet saw: an event, its line, and when it was. */
export interface ReportedKill {
  readonly event: ProgramKill
  readonly text: string
  readonly wall: number | null
}

/** Containers that the kubelet reports as OOMKilled, and a node under memory pressure. */
export function listReportedKills({ name, containers, hasPressure }: Description): readonly ReportedKill[] {
  const create = (action: ProgramKill['action'], subject: string): ProgramKill => {
    return { kind: 'program-kill', program: 'kubelet', action, victim: null, pid: null, subject }
  }
  const killed = containers.flatMap(({ isKilled, pod, name: container, limit, line, finished }) => {
    const of = pod === '' ? '' : ` of pod ${pod}`
    const subject = `${container === '' ? 'a container' : `container ${container}`}${of}${limit === null ? '' : ` (limit ${limit})`}`
    return isKilled ? [{ event: create('reported', subject), text: line ?? '', wall: finished }] : []
  })
  const pressure = {
    event: create('pressure', name === null ? 'a node' : `node ${name}`),
    text: 'MemoryPressure True',
    wall: null,
  }
  return hasPressure ? [...killed, pressure] : killed
}

function findField(lines: readonly string[], wanted: string): string | null {
  for (const line of lines) {
    const [, , name, value] = FIELD.exec(line) ?? []
    if (name === wanted && value) return value.trim()
  }
  return null
}

// Each container of each pod, with its own lines. `isPart`: the text may begin amid the lines of a container.
function splitContainers(lines: readonly string[], isPart: boolean): readonly DescribedContainer[] {
  const found: { readonly pod: string; readonly name: string; readonly lines: string[] }[] = []
  let [pod, namespace] = ['', '']
  let isOpen = isPart
  if (isPart && !SECTION.test(lines[0] ?? '')) found.push({ pod, name: '', lines: [] })
  for (const line of lines) {
    const [, indent, field, value = ''] = FIELD.exec(line) ?? []
    if (indent === '' && field !== undefined) isOpen = SECTION.test(line) || (isOpen && isPart)
    if (indent === '' && field === 'Name') pod = value.trim()
    if (indent === '' && field === 'Namespace') namespace = value.trim()
    const name = isOpen ? CONTAINER.exec(line)?.[1] : undefined
    if (name !== undefined) found.push({ pod: namespace ? `${namespace}/${pod}` : pod, name, lines: [] })
    else if (isOpen) found.at(-1)?.lines.push(line)
  }
  return found.map(({ pod: owner, name, lines: own }) => ({ pod: owner, name, ...parseStates(own) }))
}

function parseStates(lines: readonly string[]): Omit<DescribedContainer, 'pod' | 'name'> {
  const findMemory = (heading: string): string | null => {
    const at = lines.findIndex(line => line.trim() === heading)
    const value = at < 0 ? undefined : lines.slice(at + 1, at + 8).find(line => /^\s*memory:/.test(line))
    return value === undefined ? null : value.slice(value.indexOf(':') + 1).trim()
  }
  const killed = lines.findIndex(line => /^\s*Reason:\s+OOMKilled\s*$/.test(line))
  const rest = killed < 0 ? [] : lines.slice(killed, killed + 5)
  return {
    isKilled: killed >= 0,
    line: killed < 0 ? null : lines[killed]!.trim(),
    finished: parseTime(findField(rest, 'Finished')),
    restarts: parseNumber(findField(lines, 'Restart Count')),
    limit: findMemory('Limits:'),
  }
}

const parseNumber = (text: string | null): number | null => (text !== null && /^\d+$/.test(text) ? Number(text) : null)

// Tue, 04 Mar 2025 09:33:41 +0100
function parseTime(text: string | null): number | null {
  const wall = text !== null && /^\w{3}, \d\d \w{3} \d{4} /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(wall) ? null : wall
}
