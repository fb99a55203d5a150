// What `sh c.sh > node.txt` wrote, as readings: the same files at each sample, and the kernel log in between. Pure.

import { UserError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/text.ts'
import { filterCgroupLines } from '../../collectors/cgroups/mounts.ts'
import type { RecordingHeader } from '../../collectors/collector.ts'
import type { CollectorId } from '../../collectors/index.ts'
import type { Reading } from '../../history.ts'
import { createChangeFilter } from '../sampler.ts'
import { HELLO } from './collector-script.ts'
import { FarLog } from './far-log.ts'
import { type Hello, parseHello } from './link/hello.ts'
import { parseMachine } from './machine.ts'
import { type DirectoryList, parseTree } from './parse-answers.ts'

const FILE_HELLO = `${HELLO} file `
const MOUNTINFO = '/proc/self/mountinfo'

/** Which files of a sample are whose reading: the one that must be there, and others. */
const COLLECTOR_FILES: Readonly<
  Partial<Record<CollectorId, { readonly required: RegExp; readonly optional?: RegExp }>>
> = {
  meminfo: { required: /^\/proc\/meminfo$/ },
  vmstat: { required: /^\/proc\/vmstat$/ },
  zoneinfo: { required: /^\/proc\/zoneinfo$/ },
  buddyinfo: { required: /^\/proc\/buddyinfo$/ },
  pressure: { required: /^\/proc\/pressure\/memory$/ },
  sockstat: {
    required: /^\/proc\/net\/sockstat$/,
    optional: /^\/proc\/sys\/net\/(ipv4\/tcp_mem|netfilter\/nf_conntrack_(count|max))$/,
  },
  swap: {
    required: /^\/proc\/swaps$/,
    optional:
      /^\/sys\/(block\/zram\d+\/(mm_stat|mem_used_total|(orig|compr)_data_size)|module\/zswap\/parameters\/\w+)$/,
  },
  hugepages: {
    required: /^\/sys\/kernel\/mm\/hugepages\/[^/]+\/\w+$/,
    optional: /^\/sys\/kernel\/mm\/transparent_hugepage\/enabled$/,
  },
  numa: { required: /^\/sys\/devices\/system\/node\/node\d+\/meminfo$/ },
  zfs: { required: /^\/proc\/spl\/kstat\/zfs\/arcstats$/, optional: /^\/proc\/spl\/kstat\/zfs\/abdstats$/ },
  slabinfo: { required: /^\/proc\/slabinfo$/ },
  uptime: { required: /^\/proc\/uptime$/ },
}

type FileTexts = Record<string, string | null>

/** `B`: files; `T`: the directories of a tree; `K`: the kernel log. Each begins with its first line and ends with `E NUMBER CODE`. */
interface Section {
  readonly kind: 'B' | 'T' | 'K'
  readonly path: string
  readonly text: string
}

/** Whether a text begins like a file of the collector. */
export const isNodeFile = (head: string): boolean => head.startsWith(FILE_HELLO)

/**
 * The session and the readings of a node file; an unfinished sample at the end is left out. Several runs on the same boot may follow one
 * another, as after `>>`; line ends may be those of Windows. Undefined if it is none, or has no sample.
 * @throws UserError if the runs are of several boots
 */
export function parseNodeFile(
  text: string,
): { readonly session: RecordingHeader; readonly readings: readonly Reading[] } | undefined {
  if (!isNodeFile(text)) return undefined
  const [first = '', ...others] = splitRuns(text)
  if (others.some(run => isOtherBoot(findBootId(run), findBootId(first))))
    throw new UserError(
      'a file of the collector with samples of several boots: split it before each line that begins like its first',
    )
  const hello = parseHello(first.slice(FILE_HELLO.length, first.indexOf('\n')))
  const converter = new NodeFileConverter(hello)
  for (const run of [first, ...others])
    for (const section of splitSections(run, run.indexOf('\n') + 1)) converter.addSection(section)
  return converter.finish()
}

// Each run begins with the line of the hello, also where the one before it was cut.
function splitRuns(text: string): readonly string[] {
  const isWindows = text.slice(0, text.indexOf('\n')).endsWith('\r')
  const whole = isWindows ? text.replaceAll('\r\n', '\n') : text
  return whole.split(new RegExp(`(?<=\n)(?=${FILE_HELLO})`))
}

const findBootId = (run: string): string | undefined => /^==> \S*\/boot_id <==\n(\S+)/m.exec(run)?.[1]

// A run without a sample says nothing of its boot.
const isOtherBoot = (bootId: string | undefined, first: string | undefined): boolean =>
  bootId !== undefined && first !== undefined && bootId !== first

const SECTION_START = /([BTK]) (\d+)(?: (\/.*))?\n/y

function* splitSections(text: string, from: number): Generator<Section> {
  for (let at = from; ; ) {
    SECTION_START.lastIndex = at
    const match = SECTION_START.exec(text)
    if (!match) return
    const begin = SECTION_START.lastIndex
    const end = text.indexOf(`\nE ${match[2]} `, begin - 1)
    const lineEnd = end < 0 ? -1 : text.indexOf('\n', end + 1)
    if (lineEnd < 0) return
    yield { kind: match[1] as Section['kind'], path: match[3] ?? '', text: text.slice(begin, Math.max(begin, end)) }
    at = lineEnd + 1
  }
}

const HEADER = /(?:^|\n)==> (\/.*) <==\n/g

function parseSampleFiles(text: string): ReadonlyMap<string, string> {
  const headers = [...text.matchAll(HEADER)]
  const files = new Map<string, string>()
  for (const [i, header] of headers.entries())
    files.set(header[1]!, text.slice(header.index + header[0].length, headers[i + 1]?.index))
  return files
}

class NodeFileConverter {
  private session: RecordingHeader | undefined
  private readonly hello: Hello
  private readonly readings: Reading[] = []
  private readonly log = new FarLog()
  private readonly filters = new Map<CollectorId, ReturnType<typeof createChangeFilter>>()
  private readonly trees = new Map<string, DirectoryList>()
  private pendingCgroups: FileTexts = {}
  private files: ReadonlyMap<string, string> = new Map()
  private time = 0
  private sampleTimes: number[] = []

  constructor(hello: Hello) {
    this.hello = hello
  }

  addSection({ kind, path, text }: Section): void {
    if (kind === 'B') this.addFiles(parseSampleFiles(text))
    else if (kind === 'T') this.addTree(path, parseTree(text, path))
    else this.addLog(text)
  }

  finish(): { readonly session: RecordingHeader; readonly readings: readonly Reading[] } | undefined {
    this.addCgroups()
    if (!this.session) return undefined
    const [first = 0, second = first + 10_000] = this.sampleTimes
    return { session: { ...this.session, interval: Math.max(1000, second - first) }, readings: this.readings }
  }

  private addFiles(files: ReadonlyMap<string, string>): void {
    this.addCgroups()
    const uptime = Number.parseFloat(files.get('/proc/uptime') ?? '')
    const time = Number.isFinite(uptime) ? Math.round((uptime - this.hello.uptime) * 1000) : this.time
    this.time = Math.max(this.time, time)
    this.sampleTimes = [...this.sampleTimes, this.time].slice(0, 2)
    this.files = files
    this.session ??= this.buildSession(files)
    for (const id of Object.keys(COLLECTOR_FILES) as CollectorId[]) this.addSource(id)
    this.pendingCgroups = { [MOUNTINFO]: filterCgroupLines(files.get(MOUNTINFO) ?? '') }
    const counts = files.get('/proc/cgroups')
    if (counts !== undefined) this.pendingCgroups['/proc/cgroups'] = counts
  }

  private addSource(id: CollectorId): void {
    const { required, optional } = COLLECTOR_FILES[id]!
    const paths = [...this.files.keys()]
    const isOwn = (path: string): boolean => required.test(path) || (optional?.test(path) ?? false)
    if (paths.some(path => required.test(path)))
      this.add(id, Object.fromEntries([...this.files].filter(([path]) => isOwn(path))))
    else {
      const error = 'ENOENT: not in this file, or not readable on the node'
      this.readings.push({ time: this.time, collector: id, files: {}, error })
    }
  }

  // Directories come before the files in them.
  private addTree(root: string, directories: DirectoryList): void {
    for (const path of this.trees.get(root)?.keys() ?? [])
      if (!directories.has(path)) this.pendingCgroups[`${path}/`] = null
    for (const [path, { inode }] of directories) this.pendingCgroups[`${path}/`] = `${inode}\n`
    this.trees.set(root, directories)
    for (const [path, text] of this.files)
      if (path.startsWith(`${root}/`) && text !== '') this.pendingCgroups[path] = text
  }

  private addCgroups(): void {
    if (Object.keys(this.pendingCgroups).length > 0) this.add('cgroups', this.pendingCgroups)
    this.pendingCgroups = {}
  }

  private addLog(text: string): void {
    this.addCgroups()
    const records = this.log.take(`${text}\n`)
    if (records === '' || !this.session) return
    const last = [...records.matchAll(/^\d+,\d+,(\d+)/gm)].at(-1)?.[1]
    const logged = Math.round(Number(last) / 1000 - this.hello.uptime * 1000)
    this.time = Math.max(this.time, logged)
    this.readings.push({ time: this.time, collector: 'kmsg', files: { '/dev/kmsg': records } })
  }

  private add(collector: CollectorId, files: FileTexts): void {
    const filter = this.filters.get(collector) ?? createChangeFilter()
    this.filters.set(collector, filter)
    this.readings.push({ time: this.time, collector, files: filter(files) })
  }

  private buildSession(files: ReadonlyMap<string, string>): RecordingHeader {
    const read = (path: string): string => decodeUtf8(files.get(path)?.trim() || 'unknown')
    return {
      host: read('/proc/sys/kernel/hostname'),
      kernel: read('/proc/sys/kernel/osrelease'),
      bootId: read('/proc/sys/kernel/random/boot_id'),
      wallClock: (this.hello.wall ?? 0) * 1000,
      monotonic: this.hello.uptime * 1000,
      interval: 10_000,
      ...parseMachine(files.get('/proc/stat') ?? '', files.get('/proc/self/smaps') ?? ''),
    }
  }
}
