// The Host of a node that is reached over a link: the same calls as the local one, answered by the collector over there.
import type { Host, HostLink } from '../../collectors/collector.ts'
import type { SurveyHost } from '../holders/survey-host.ts'
import { FarFiles } from './far-files.ts'
import { FarSurveyHost } from './far-survey.ts'
import { FarTree } from './far-tree.ts'
import type { Link } from './link.ts'
import { createHostError } from './link-error.ts'
import type { LinkThread } from './link-thread.ts'
import { parseMachine } from './machine.ts'
import { parseTree } from './parse-answers.ts'
import type { Waiting } from './waiting.ts'

const CGROUP_COUNTS = '/proc/cgroups'
const RELIST_INTERVAL = 30_000 // ms between two listings of a tree whose counts stay the same
const LIST_COST = 200 // a listing is repeated after this many times what it took: half a percent of the time
const LOG_RETRY = 10_000 // ms after which a log that could not be opened is tried again

const IDENTITY_FILES = [
  '/proc/stat',
  '/proc/self/smaps',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/random/boot_id',
]

interface ListedTree {
  readonly tree: FarTree
  counts: string
  processCounts: string | undefined
  listedAt: number
  /** milliseconds that the last listing took */
  duration: number
}

/** A node over a link, for one session. Calls wait for their answers: what a sample needs is fetched together by `beginSample`. */
export class RemoteHost implements Host {
  readonly processes: readonly ('self' | '1')[]
  readonly link: HostLink
  readonly connection: Link
  private readonly files: FarFiles
  private readonly thread: LinkThread
  private readonly root: string
  private readonly trees: ListedTree[] = []
  private log: { code: string | undefined; triedAt: number } | undefined
  private readonly bootedAt: number
  private time: number

  /** @param root a directory over there that holds the node's /proc and /sys; '' for / */
  constructor(connection: Link, thread: LinkThread, root: string) {
    this.root = root.replace(/(?<!\/)\/+$/, '')
    this.processes = this.root === '' ? ['self', '1'] : ['1', 'self']
    this.thread = thread
    this.connection = connection
    this.time = thread.now()
    this.bootedAt = this.time - connection.hello.uptime * 1000
    this.files = new FarFiles(connection, this.root, thread.now)
    const host = this
    this.link = {
      beginSample: paths => thread.run(this.beginSample(paths)) ?? undefined,
      prefetch: paths => this.files.fetchNow(paths),
      takeCost: () => this.files.takeCost(),
      get sampledAt() {
        return host.time
      },
      get failure() {
        return host.connection.failure
      },
    }
  }

  /** Milliseconds from the node's boot to session time 0, by its own clock. */
  get monotonic(): number {
    return Number.isFinite(this.bootedAt) ? -this.bootedAt : 0
  }

  /** Fetches together what says who the node is. */
  *fetchIdentity(): Waiting<void> {
    yield* this.files.fetch(IDENTITY_FILES)
  }

  /** CPUs, and bytes of a page; what cannot be read is 1 and 4096. */
  readMachine(): { readonly cpus: number; readonly pageSize: number } {
    const read = (path: string): string => {
      try {
        return this.files.read(path)
      } catch {
        return ''
      }
    }
    return parseMachine(read('/proc/stat'), read('/proc/self/smaps'))
  }

  readFile(path: string): string {
    const text = this.files.read(path)
    // the kernel refuses to read the file of a cgroup that was removed after it was opened
    if (text === '' && this.trees.some(({ tree }) => tree.covers(path))) throw createHostError('ENODEV', 'read', path)
    return text
  }

  listDirectory(path: string): readonly string[] {
    return [...this.files.list(path).keys()]
  }

  readLink(path: string): string | undefined {
    return this.files.readLink(path)
  }

  statFile(path: string): { readonly inode: number; readonly links: number } {
    const stat = this.findTree(path).stat(path)
    if (!stat) throw createHostError('ENOENT', 'stat', path)
    return stat
  }

  listSubdirectories(path: string): readonly string[] {
    const names = this.findTree(path).list(path)
    if (!names) throw createHostError('ENOENT', 'scandir', path)
    return names
  }

  drainDevice(path: string): string {
    const now = this.thread.now()
    if (!this.log || (this.log.code !== undefined && now - this.log.triedAt > LOG_RETRY))
      this.log = { code: this.connection.openLog(`${this.root}${path}`), triedAt: now }
    if (this.log.code !== undefined) throw createHostError(this.log.code, 'open', path)
    const text = this.connection.drainLog()
    if (text !== '') this.time = Math.max(this.time, this.thread.now())
    return text
  }

  watchDirectory(path: string, onChange: (name: string) => void): (() => void) | undefined {
    return this.trees.find(({ tree }) => tree.covers(path))?.tree.watch(path, onChange)
  }

  /** Who holds memory over there. */
  createSurveyHost(): SurveyHost {
    return new FarSurveyHost(this.connection, this.root)
  }

  close(): void {
    this.connection.close()
  }

  private *beginSample(paths: readonly string[]): Waiting<void> {
    const counts = this.trees.flatMap(({ tree }) => [CGROUP_COUNTS, `${tree.root}/cgroup.stat`])
    const begun = this.thread.now()
    this.connection.beginSample()
    this.files.clear()
    yield* this.files.fetch([...paths, ...counts])
    this.updateTime(begun)
    for (const listed of this.trees) yield* this.relistWhenChanged(listed)
  }

  // The node's own clock says when it was read; of a clock that cannot be right, the time of the request and the answer are the bounds.
  private updateTime(begun: number): void {
    const now = this.thread.now()
    const far = this.files.uptime * 1000 + this.bootedAt
    const time = Number.isFinite(far) ? Math.min(now, Math.max(begun, far)) : now
    this.time = Math.max(this.time, time)
  }

  private findTree(path: string): FarTree {
    const known = this.trees.find(({ tree }) => tree.covers(path))
    if (known) return known.tree
    const listed = { tree: new FarTree(path), counts: '', processCounts: undefined, listedAt: 0, duration: 0 }
    this.connection.waitInSample(this.relist(listed))
    if (!listed.tree.stat(path)) throw createHostError(this.files.findCode(path), 'stat', path)
    this.trees.push(listed)
    return listed.tree
  }

  // New and removed cgroups change the kernel's counts: the tree is listed when they do, and now and then.
  private *relistWhenChanged(listed: ListedTree): Waiting<void> {
    const { tree } = listed
    const processCounts = this.files.peek(CGROUP_COUNTS)
    const counts = `${processCounts}${this.files.peek(`${tree.root}/cgroup.stat`)}`
    const age = this.thread.now() - listed.listedAt
    const hasChanged = counts !== listed.counts
    if (
      hasChanged ? age >= LIST_COST * listed.duration : age >= Math.max(RELIST_INTERVAL, LIST_COST * listed.duration)
    ) {
      listed.counts = counts
      listed.processCounts = processCounts
      yield* this.relist(listed)
    } else if (hasChanged && listed.processCounts !== undefined) {
      // a count that is newer than the directories would make new cgroups look like dead ones
      this.files.override(CGROUP_COUNTS, listed.processCounts)
    }
  }

  private *relist(listed: ListedTree): Waiting<void> {
    const far = `${this.root}${listed.tree.root}`
    const begun = this.thread.now()
    const [answer] = yield* this.connection.exchange(() => [`D # ${far}`])
    const directories = new Map(
      [...parseTree(answer!.text, far)].map(([path, stat]) => [path.slice(this.root.length), stat] as const),
    )
    for (const path of listed.tree.update(directories)) this.connection.words.forget(`${this.root}${path}`)
    const unlisted = this.trees.reduce((sum, { tree }) => sum + tree.unlisted, 0)
    this.connection.reporter.unlisted = this.trees.includes(listed) ? unlisted : unlisted + listed.tree.unlisted
    listed.listedAt = this.thread.now()
    listed.duration = Math.max(0, listed.listedAt - begun - this.connection.reporter.delay)
  }
}
