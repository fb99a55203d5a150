// Readings with other names: each collector's files and texts. What is not understood is left out: nothing passes by not being known.

import { ParseError } from '../../base/errors.ts'
import { decodeUtf8, splitLines } from '../../base/text.ts'
import type { Files, RecordingHeader } from '../../collectors/collector.ts'
import { truncateSums } from '../../collectors/holders.ts'
import { type CollectorId, collectors } from '../../collectors/index.ts'
import { parseVmallocinfo } from '../../collectors/vmallocinfo.ts'
import type { Reading } from '../../history.ts'
import { LogRedactor } from './kernel-log.ts'
import { nameFile } from './name-files.ts'
import type { Names } from './names.ts'

/** A file with other names; undefined: left out. */
type Redact = (path: string, text: string | null, names: Names) => readonly [string, string | null] | undefined

const numbers: Redact = (path, text) => (/^\/proc\/[\w/]+$/.test(path) ? [path, text] : undefined)

const FILES: { readonly [Id in Exclude<CollectorId, 'kmsg'>]: Redact } = {
  uptime: numbers,
  meminfo: numbers,
  vmstat: numbers,
  pressure: numbers,
  sockstat: numbers,
  allocinfo: numbers,
  buddyinfo: numbers,
  slabinfo: (path, text, { cache }) => [path, text && slabinfoText(text, cache)],
  slab: slabFile,
  // a list by address tells addresses: the sums by caller are what counts
  vmallocinfo: (path, text) => [path, text?.startsWith('0x') ? sums(text) : text],
  names: nameFile,
  kmem: (path, text, names) => [cgroupPath(path, names), text && slabinfoText(text, names.cache)],
  cgroups: (path, text, names) => [
    /^\/proc\/\w+\/mountinfo$/.test(path) ? path : cgroupPath(path, names),
    text && path.endsWith('/mountinfo') ? mountinfoText(text, names) : text,
  ],
  mark: (path, text, { word }) => [path, text && `mark ${word(text)}`],
}

export class Redactor {
  private readonly names: Names
  private readonly log: LogRedactor

  constructor(names: Names) {
    this.names = names
    this.log = new LogRedactor(names)
  }

  session(session: RecordingHeader): RecordingHeader {
    const { host, bootId } = session
    return { ...session, host: this.names.host(host), bootId: bootId === 'unknown' ? bootId : this.names.id(bootId) }
  }

  /** Readings must come in order. Undefined: of a collector of a later version, of which it is not known what it tells. */
  reading(reading: Reading): Reading | undefined {
    const { time, collector, files, error, cost, next, keyframe } = reading
    if (!Object.hasOwn(collectors, collector)) return undefined
    return {
      time,
      collector,
      files: collector === 'kmsg' ? this.kmsg(files, time) : this.files(collector, files),
      ...(error === undefined ? {} : { error: errorText(error, collector, this.names) }),
      ...(cost === undefined ? {} : { cost }),
      ...(next === undefined ? {} : { next }),
      ...(keyframe === undefined ? {} : { keyframe }),
    }
  }

  private kmsg(files: Files, time: number): Files {
    const text = files['/dev/kmsg']
    return text ? { '/dev/kmsg': this.log.text(text, time) } : {}
  }

  private files(collector: Exclude<CollectorId, 'kmsg'>, files: Files): Files {
    const others = Object.entries(files).map(([path, text]) => FILES[collector](path, text, this.names))
    return Object.fromEntries(others.filter(other => other !== undefined))
  }
}

// A file's own name stays, what stands before it is cgroups. A directory ends in a slash.
function cgroupPath(bytes: string, { path: other }: Names): string {
  const path = decodeUtf8(bytes)
  const slash = path.lastIndexOf('/')
  const name = path.slice(slash + 1)
  return /^(?:[a-z_0-9]+\.[\w.]+|cgroups|)$/.test(name) ? `${other(path.slice(0, slash))}/${name}` : other(path)
}

// 33 24 0:28 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
const MOUNT = /^(\d+ \d+ \d+:\d+) (\S+) (\S+) ([\w,=:.\- ]*?) ?- (cgroup2?) \S+ (\S+)$/

function mountinfoText(text: string, { path }: Names): string {
  const lines = splitLines(text).flatMap(line => {
    const [, ids, root, place, options, type, own] = MOUNT.exec(line) ?? []
    if (ids === undefined) return []
    const kept = own!.split(',').filter(word => /^[a-z_]+$/.test(word))
    return [`${ids} ${path(unoctal(root!))} ${path(unoctal(place!))} ${options} - ${type} ${type} ${kept.join(',')}\n`]
  })
  return lines.join('')
}

const unoctal = (word: string): string =>
  decodeUtf8(word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))))

// kmalloc-64(12:web-0)   22784  22784     64   64    1 : tunables …
const slabinfoText = (text: string, cache: Names['cache']): string =>
  text.replace(/^(.+\(\d+:.*\)|\w*ffff[0-9a-f]{12}\w*)(?= +\d+ +\d+ )/gm, (_, name: string) => cache(decodeUtf8(name)))

const SLAB = '/sys/kernel/slab/'

function slabFile(path: string, text: string | null, { cache, component }: Names): readonly [string, string | null] {
  const [, name = '', file = ''] = /^\/sys\/kernel\/slab\/(.*?)((?:\/reclaim_account|\/cgroup\/)?)$/s.exec(path) ?? []
  const place = `${SLAB}${cache(decodeUtf8(name))}${file}`
  if (text === null || file === '/reclaim_account') return [place, text]
  const write =
    file === '/cgroup/'
      ? (line: string): string => copiesLine(line, component)
      : (line: string): string =>
          line
            .split(' -> ')
            .map(name => cache(decodeUtf8(name)))
            .join(' -> ')
  return [
    place,
    splitLines(text)
      .map(line => `${write(line)}\n`)
      .join(''),
  ]
}

// 12 web-0
const copiesLine = (line: string, component: Names['component']): string => {
  const [, count, cgroup] = /^(\d+) (.*)$/.exec(line) ?? []
  return count === undefined ? '' : `${count} ${component(decodeUtf8(cgroup!))}`
}

function sums(text: string): string {
  try {
    return truncateSums(parseVmallocinfo(text))
  } catch (error) {
    if (error instanceof ParseError) return '?\n'
    throw error
  }
}

// EACCES: permission denied, open '/sys/fs/cgroup/memory/…'
function errorText(error: string, collector: CollectorId, names: Names): string {
  const [, code, words, call, path] = /^([A-Z0-9]+): ([a-z ,/-]*?)(?:, (\w+)(?: '(.*)')?)?$/s.exec(error) ?? []
  if (code === undefined) return /^[A-Z0-9]+(?=:)/.exec(error)?.[0] ?? 'could not be read'
  const [other] = path === undefined || collector === 'kmsg' ? [path] : (FILES[collector](path, null, names) ?? [''])
  return `${code}: ${words}${call === undefined ? '' : `, ${call}`}${other === undefined ? '' : ` '${other}'`}`
}
