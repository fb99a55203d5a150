// Readings with other names: each collector's files and texts. Lines that are not understood are left out, with the names in them.

import { ParseError } from '../../base/errors.ts'
import { decodeOctals, decodeUtf8, splitLines } from '../../base/text.ts'
import type { Files, RecordingHeader } from '../../collectors/collector.ts'
import { formatSurvey, parseSurveyLines, type SurveyLine } from '../../collectors/holders/survey.ts'
import { type CollectorId, collectors, getCollector } from '../../collectors/index.ts'
import { truncateSums } from '../../collectors/top-allocators.ts'
import { parseVmallocinfo } from '../../collectors/vmallocinfo.ts'
import type { Reading } from '../../history.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { LogRedactor } from './redact-kernel-log.ts'
import { redactNameFile } from './redact-name-files.ts'
import { redactSlabinfo } from './redact-slabinfo.ts'

/** A file with other names; undefined: left out. */
type FileRedactor = (
  path: string,
  text: string | null,
  pseudonyms: Pseudonyms,
) => readonly [string, string | null] | undefined

const keepNumbers: FileRedactor = (path, text) => (/^\/proc\/[\w/]+$/.test(path) ? [path, text] : undefined)

// Collectors whose texts contain names of the node. Files of a collector that is neither here nor nameless are left out.
const FILE_REDACTORS: { readonly [Id in CollectorId]?: FileRedactor } = {
  clock: (path, text) => [
    path,
    text && (text.match(/^(?:step|suspend) [-\d ]+$/gm) ?? []).map(line => `${line}\n`).join(''),
  ],
  meminfo: (path, text, pseudonyms) =>
    path.endsWith('/mountinfo') ? [path, text && LXCFS_LINE] : keepNumbers(path, text, pseudonyms),
  hugepages: (path, text) => (/^\/sys\/kernel\/mm\/[\w/-]+$/.test(path) ? [path, text] : undefined),
  numa: (path, text) => (/^\/sys\/devices\/system\/node\/node\d+\/meminfo$/.test(path) ? [path, text] : undefined),
  swap: (path, text, pseudonyms) => {
    if (path === '/proc/swaps') return [path, text && redactSwaps(text, pseudonyms)]
    return /^\/sys\/(block|module)\/[\w/]+$/.test(path) ? [path, text] : undefined
  },
  slabinfo: (path, text, { redactCache: cache }) => [path, text && redactSlabinfo(text, cache)],
  slab: redactSlabFile,
  // a list by address contains addresses; only the sums by caller are needed
  vmallocinfo: (path, text) => [path, text?.startsWith('0x') ? sumByCaller(text) : text],
  names: redactNameFile,
  kmem: (path, text, pseudonyms) => [
    redactCgroupPath(path, pseudonyms),
    text && redactSlabinfo(text, pseudonyms.redactCache),
  ],
  cgroups: (path, text, pseudonyms) => [
    /^\/proc\/\w+\/mountinfo$/.test(path) ? path : redactCgroupPath(path, pseudonyms),
    text && path.endsWith('/mountinfo') ? redactMountinfo(text, pseudonyms) : text,
  ],
  holders: (path, text, pseudonyms) => [path, text && redactSurvey(text, pseudonyms)],
  // counts stay; a pattern may hold a name of anything
  applog: (path, text, { redactName }) => [redactName(path), text && (splitLines(text)[0] ?? null)],
  mark: (path, text, { redactName: word }) => [path, text && `mark ${word(text)}`],
}

const dropFile: FileRedactor = () => undefined

const getFileRedactor = (id: CollectorId): FileRedactor =>
  FILE_REDACTORS[id] ?? (getCollector(id).nameless ? keepNumbers : dropFile)

/** Redacts readings one after another: it remembers names across them. */
export class ReadingRedactor {
  private readonly pseudonyms: Pseudonyms
  private readonly log: LogRedactor

  constructor(pseudonyms: Pseudonyms) {
    this.pseudonyms = pseudonyms
    this.log = new LogRedactor(pseudonyms)
  }

  redactHeader(session: RecordingHeader): RecordingHeader {
    const { host, bootId } = session
    return {
      ...session,
      host: this.pseudonyms.redactHost(host),
      bootId: bootId === 'unknown' ? bootId : this.pseudonyms.redactId(bootId),
    }
  }

  /** Redacts a reading; readings must come in order. Undefined for a collector of a later version: what it contains is unknown. */
  redactReading(reading: Reading): Reading | undefined {
    const { time, collector, files, error, cost, next, keyframe } = reading
    if (!Object.hasOwn(collectors, collector)) return undefined
    return {
      time,
      collector,
      files: collector === 'kmsg' ? this.redactKmsg(files, time) : this.redactFiles(collector, files),
      ...(error === undefined ? {} : { error: redactError(error, collector, this.pseudonyms) }),
      ...(cost === undefined ? {} : { cost }),
      ...(next === undefined ? {} : { next }),
      ...(keyframe === undefined ? {} : { keyframe }),
    }
  }

  private redactKmsg(files: Files, time: number): Files {
    const text = files['/dev/kmsg']
    return text ? { '/dev/kmsg': this.log.redactText(text, time) } : {}
  }

  private redactFiles(collector: CollectorId, files: Files): Files {
    const redact = getFileRedactor(collector)
    const redacted = Object.entries(files).map(([path, text]) => redact(path, text, this.pseudonyms))
    return Object.fromEntries(redacted.filter(other => other !== undefined))
  }
}

// The name of a file stays; the path before it consists of cgroups. A directory ends in a slash.
function redactCgroupPath(bytes: string, { redactPath: other }: Pseudonyms): string {
  const path = decodeUtf8(bytes)
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  return /^(?:[a-z_0-9]+\.[\w.]+|cgroups|)$/.test(name) ? `${other(path.slice(0, slash))}/${name}` : other(path)
}

// 33 24 0:28 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
const MOUNT = /^(\d+ \d+ \d+:\d+) (\S+) (\S+) ([\w,=:.\- ]*?) ?- (cgroup2?) \S+ (\S+)$/

function redactMountinfo(text: string, { redactPath: path }: Pseudonyms): string {
  const lines = splitLines(text).flatMap(line => {
    const [, ids, root, mountPoint, options, type, own] = MOUNT.exec(line) ?? []
    if (ids === undefined) return []
    const kept = own!.split(',').filter(word => /^[a-z_]+$/.test(word))
    return [
      `${ids} ${path(decodePath(root!))} ${path(decodePath(mountPoint!))} ${options} - ${type} ${type} ${kept.join(',')}\n`,
    ]
  })
  return lines.join('')
}

const decodePath = (word: string): string => decodeUtf8(decodeOctals(word))

const SLAB = '/sys/kernel/slab/'

function redactSlabFile(
  path: string,
  text: string | null,
  { redactCache: cache, redactComponent: component }: Pseudonyms,
): readonly [string, string | null] {
  const [, name = '', file = ''] = /^\/sys\/kernel\/slab\/(.*?)((?:\/reclaim_account|\/cgroup\/)?)$/s.exec(path) ?? []
  const redactedPath = `${SLAB}${cache(decodeUtf8(name))}${file}`
  if (text === null || file === '/reclaim_account') return [redactedPath, text]
  const redactLine =
    file === '/cgroup/'
      ? (line: string): string => redactCopiesLine(line, component)
      : (line: string): string =>
          line
            .split(' -> ')
            .map(name => cache(decodeUtf8(name)))
            .join(' -> ')
  return [
    redactedPath,
    splitLines(text)
      .map(line => `${redactLine(line)}\n`)
      .join(''),
  ]
}

// 12 web-0
const redactCopiesLine = (line: string, redactComponent: Pseudonyms['redactComponent']): string => {
  const [, count, cgroup] = /^(\d+) (.*)$/.exec(line) ?? []
  return count === undefined ? '' : `${count} ${redactComponent(decodeUtf8(cgroup!))}`
}

function sumByCaller(text: string): string {
  try {
    return truncateSums(parseVmallocinfo(text))
  } catch (error) {
    if (error instanceof ParseError) return '?\n'
    throw error
  }
}

// the only line of a mount table that the meminfo collector needs
const LXCFS_LINE = '1 1 0:1 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw\n'

// /swap/data.img                          file		2097148		97148		-2
const redactSwaps = (text: string, { redactPath }: Pseudonyms): string =>
  text.replace(/^\/\S*(?=\s+(?:partition|file)\s+\d)/gm, path => redactPath(decodeUtf8(path)))

function redactSurvey(text: string, pseudonyms: Pseudonyms): string {
  const { redactComm, redactPath } = pseudonyms
  const redactLine = (line: SurveyLine): SurveyLine => {
    if (line.fact === 'coverage') return { ...line, reason: /^[a-z-]+ [\w ]+$/.test(line.reason) ? line.reason : '' }
    const cgroup = redactPath(decodeUtf8(line.cgroup))
    if (line.fact === 'tmpfs') return { ...line, cgroup, path: redactPath(decodeUtf8(line.path)) }
    return { ...line, cgroup, name: redactComm(decodeUtf8(line.name)) }
  }
  try {
    return formatSurvey(parseSurveyLines(text).map(redactLine))
  } catch (error) {
    if (error instanceof ParseError) return '?\n'
    throw error
  }
}

// EACCES: permission denied, open '/sys/fs/cgroup/memory/…'
function redactError(error: string, collector: CollectorId, pseudonyms: Pseudonyms): string {
  const [, code, words, call, path] = /^([A-Z0-9]+): ([a-z ,/-]*?)(?:, (\w+)(?: '(.*)')?)?$/s.exec(error) ?? []
  if (code === undefined) return /^[A-Z0-9]+(?=:)/.exec(error)?.[0] ?? 'could not be read'
  const [other] =
    path === undefined || collector === 'kmsg' ? [path] : (getFileRedactor(collector)(path, null, pseudonyms) ?? [''])
  return `${code}: ${words}${call === undefined ? '' : `, ${call}`}${other === undefined ? '' : ` '${other}'`}`
}
