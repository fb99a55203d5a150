// Tables of processes and containers by memory: ps, top, kubectl top, docker stats. Pure.
import { ParseError } from '../../../base/errors.ts'
import { decodeUtf8, splitLines, toNumber } from '../../../base/text.ts'
import { GiB, KiB, MiB } from '../../../base/units.ts'
import type { Snapshot } from './snapshots.ts'

type MemoryTable = Extract<Snapshot, { kind: 'memory by name' }>
type Row = MemoryTable['rows'][number]

const MAX_ROWS = 100
const MAX_NAME = 100

/** The head of a table of ps or top: it names the resident memory, and the command is last. */
export const PROCESS_HEAD =
  /^\s*(?:(?:[A-Z%+]+\s+){0,20}?(?:PID|USER|UID)\s(?=.*\b(?:RSS|RES)\b)(?:.*\s)?|(?:%MEM\s+)?RSS\s+)(?:COMMAND|CMD|COMM|Command|ARGS|BEFEHL|COMMANDE|COM\.?|COMANDO)\s*$/

// Columns whose cells are never two words.
const NUMERIC = /^(?:PID|PPID|TGID|LWP|NLWP|PR|PRI|NI|VSZ|VIRT|RSS|RES|SHR|SZ|SIZE|%CPU|%MEM|C|UID|OOMSCORE)$/

/** What the rows below this head look like. */
export function createProcessRow(head: string): RegExp {
  const columns = head.trim().split(/\s+/).slice(0, -1)
  const cells = columns.map(name => (NUMERIC.test(name) ? '(?:[-+]?[\\d.,]+[kmgtKMGT]?|rt|-)' : '\\S+'))
  return new RegExp(`^\\s*${cells.join('\\s+')}(?:\\s+.*)?$`)
}

const UNITS: Readonly<Record<string, number>> = { k: KiB, m: MiB, g: GiB, t: 1024 * GiB }

/** Bytes of a cell such as `9610000` (kB), `9.2g`. */
export function parseResident(cell: string | undefined): number | undefined {
  const [, digits, unit = 'k'] = /^([\d.]+)([kmgtKMGT]?)$/.exec(cell?.replace(',', '.') ?? '') ?? []
  return digits === undefined ? undefined : Number(digits) * UNITS[unit.toLowerCase() || 'k']!
}

/** ps and top: the processes with the most resident memory. @throws ParseError without a row */
export function parseProcessTable(text: string): MemoryTable {
  const [head = '', ...lines] = splitLines(decodeUtf8(text))
  const columns = head.trim().split(/\s+/)
  const [size, pid] = [columns.findIndex(name => name === 'RSS' || name === 'RES'), columns.indexOf('PID')]
  const rows = lines.flatMap(line => {
    const cells = line.trim().split(/\s+/)
    const bytes = parseResident(cells[size])
    const command = cells.slice(columns.length - 1).join(' ')
    return bytes === undefined || command === ''
      ? []
      : [{ name: shortenCommand(command), pid: toNumber(cells[pid]), bytes }]
  })
  if (rows.length === 0) throw new ParseError('ps', 2, 'a row below USER PID … RSS … COMMAND', text)
  return { kind: 'memory by name', what: 'processes', rows: takeLargest(rows.map(row => ({ ...row, limit: null }))) }
}

/** `/usr/sbin/mysqld --datadir=…`: the name of the program is enough. */
export function shortenCommand(command: string): string {
  const [program = ''] = command.split(' ')
  return (/^[/\w.-]+$/.test(program) ? program.slice(program.lastIndexOf('/') + 1) : command).slice(0, MAX_NAME)
}

/** The rows that are kept. */
export const takeLargest = (rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => b.bytes - a.bytes).slice(0, MAX_ROWS)

/** The head of `kubectl top`. */
export const KUBECTL_TOP_HEAD = /^(?:NAMESPACE\s+)?(?:POD\s+)?NAME\s+CPU\(cores\)\s+(?:CPU%\s+)?MEMORY\(bytes\)/
/** A row of `kubectl top` of pods, containers or nodes. */
export const KUBECTL_TOP_ROW = /^(?:\S+\s+){1,4}\d+m?\s+(?:\d+%\s+)?\d+[KMG]i(?:\s+\d+%)?\s*$/

/** `kubectl top pods` and `nodes`. @throws ParseError without a row */
export function parseKubectlTop(text: string): MemoryTable {
  const rows = splitLines(decodeUtf8(text)).flatMap(line => {
    const [, name, size, share] = /^(\S.*?)\s+\d+m?\s+(?:\d+%\s+)?(\d+[KMG])i(?:\s+(\d+)%)?\s*$/.exec(line) ?? []
    const bytes = parseResident(size)
    if (name === undefined || bytes === undefined) return []
    const limit = share === undefined || share === '0' ? null : Math.round((bytes * 100) / Number(share))
    return [{ name: name.split(/\s+/).join('/'), pid: null, bytes, limit }]
  })
  if (rows.length === 0) throw new ParseError('kubectl top', 2, 'NAME CPU(cores) MEMORY(bytes)', text)
  return { kind: 'memory by name', what: 'kubectl top', rows: takeLargest(rows) }
}

/** The head of `crictl stats`. */
export const CRICTL_STATS_HEAD = /^CONTAINER\s+(?:NAME\s+)?CPU %\s+MEM\s+DISK\s+INODES/
/** A row of `crictl stats`. */
export const CRICTL_STATS_ROW = /^[0-9a-f]{8,64}\s+(?:(\S+)\s+)?[\d.]+\s+([\d.]+)([kKMGT]?)i?B\s/

/** `crictl stats`: it names no limits. @throws ParseError without a row */
export function parseCrictlStats(text: string): MemoryTable {
  const rows = splitLines(decodeUtf8(text)).flatMap(line => {
    const [, name, digits, unit = ''] = CRICTL_STATS_ROW.exec(line) ?? []
    if (digits === undefined) return []
    const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
    return [{ name: name ?? line.split(' ', 1)[0]!.slice(0, 13), pid: null, bytes, limit: null }]
  })
  if (rows.length === 0) throw new ParseError('crictl stats', 2, 'CONTAINER NAME CPU % MEM DISK INODES', text)
  return { kind: 'memory by name', what: 'containers', rows: takeLargest(rows) }
}

/** The head of `docker stats`, also of podman. */
export const CONTAINER_STATS_HEAD = /^(?:CONTAINER(?: ID)?|ID|NAME)\s+(?:NAME\s+)?(?:CPU %\s+.*)?MEM USAGE \/ LIMIT/
/** A row of `docker stats` or `podman stats`: usage and limit. */
export const CONTAINER_STATS_ROW = /^\S+\s(?:.*\s)?[\d.]+ ?[kKMGT]?i?B \/ [\d.]+ ?[kKMGT]?i?B(?:\s|$)/

// 0a1b2c3d4e5f   cache   1.20%   511.8MiB / 512MiB   99.96% …      podman has units of 1000: 536.7MB / 536.9MB
const STATS_ROW =
  /^(\S+)\s+(?:(?:(\S+)\s+)?[\d.]+%\s.{0,200}?)?([\d.]+) ?([kKMGT]?i?)B \/ ([\d.]+) ?([kKMGT]?i?)B(?:\s|$)/

// Mi: of 1024, M: of 1000
function toContainerBytes(digits = '0', unit = ''): number {
  const power = ['', 'k', 'm', 'g', 't'].indexOf(unit.charAt(0).toLowerCase())
  return Math.round(Number(digits) * (unit.endsWith('i') ? 1024 : 1000) ** power)
}

/** `docker stats`. @throws ParseError without a row */
export function parseContainerStats(text: string): MemoryTable {
  const rows = splitLines(decodeUtf8(text)).flatMap(line => {
    const [, id, name, used, unit, most, mostUnit] = STATS_ROW.exec(line) ?? []
    if (id === undefined) return []
    return [
      { name: name ?? id, pid: null, bytes: toContainerBytes(used, unit), limit: toContainerBytes(most, mostUnit) },
    ]
  })
  if (rows.length === 0) throw new ParseError('docker stats', 2, 'CONTAINER ID NAME CPU % MEM USAGE / LIMIT', text)
  return { kind: 'memory by name', what: 'containers', rows: takeLargest(rows) }
}
