// The Host of a node that is reached over a link: the same calls as the local one, answered by the collector over there.
import type { Host, HostLink } from '../../collectors/collector.ts'
import type { SurveyHost } from '../holders/survey-host.ts'
import { FarFiles } from './far-files.ts'
import { FarSurveyHost } from './far-survey.ts'
import { FarTrees } from './far-trees.ts'
import type { Link } from './link/link.ts'
import { createHostError } from './link/link-error.ts'
import type { LinkThread } from './link/link-thread.ts'
import { parseMachine } from './machine.ts'
import { createMissingReads, createRehearsalHost, isNothingMissing, MAX_ROUNDS } from './rehearsal.ts'
import type { Waiting } from './waiting.ts'

const LOG_RETRY = 10_000 // ms after which a log that could not be opened is tried again

const IDENTITY_FILES = [
  '/proc/stat',
  '/proc/self/smaps',
  '/proc/sys/kernel/hostname',
  '/proc/sys/kernel/osrelease',
  '/proc/sys/kernel/random/boot_id',
]

/** A node over a link, for one session. Calls wait for their answers: what a sample needs is fetched together by `beginSample`. */
export class RemoteHost implements Host {
  readonly processes: readonly ('self' | '1')[]
  readonly link: HostLink
  readonly connection: Link
  private readonly files: FarFiles
  private readonly thread: LinkThread
  private readonly root: string
  private readonly trees: FarTrees
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
    this.trees = new FarTrees(connection, this.files, this.root, thread.now)
    const host = this
    this.link = {
      beginSample: (paths, alone = []) => thread.run(this.beginSample(paths, alone)) ?? undefined,
      rehearse: read => thread.run(this.rehearse(read)) ?? undefined,
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
    if (text === '' && this.trees.peek(path)) throw createHostError('ENODEV', 'read', path)
    return text
  }

  listDirectory(path: string): readonly string[] {
    return [...this.files.list(path).keys()]
  }

  readLink(path: string): string | undefined {
    return this.files.readLink(path)
  }

  statFile(path: string): { readonly inode: number; readonly links: number } {
    const stat = this.trees.find(path).stat(path)
    if (!stat) throw createHostError('ENOENT', 'stat', path)
    return stat
  }

  listSubdirectories(path: string): readonly string[] {
    const names = this.trees.find(path).list(path)
    if (!names) throw createHostError('ENOENT', 'scandir', path)
    return names
  }

  drainDevice(path: string): string {
    const now = this.thread.now()
    if (!this.log || (this.log.code !== undefined && now - this.log.triedAt > LOG_RETRY))
      this.connection.waitInSample(this.openLog(path, false))
    if (this.log?.code !== undefined) throw createHostError(this.log.code, 'open', path)
    const text = this.connection.drainLog()
    if (text !== '') this.time = Math.max(this.time, this.thread.now())
    return text
  }

  watchDirectory(path: string, onChange: (name: string) => void): (() => void) | undefined {
    return this.trees.peek(path)?.watch(path, onChange)
  }

  /** Who holds memory over there. */
  createSurveyHost(): SurveyHost {
    return new FarSurveyHost(this.connection, this.root)
  }

  close(): void {
    this.connection.close()
  }

  private *openLog(path: string, isFirst: boolean): Waiting<void> {
    this.log = { code: yield* this.connection.openLog(`${this.root}${path}`, isFirst), triedAt: this.thread.now() }
  }

  private clearSample(): void {
    this.connection.beginSample()
    this.files.clear()
    this.trees.forgetAbsent()
  }

  private *rehearse(read: (host: Host) => void): Waiting<void> {
    const begun = this.thread.now()
    const fetched = {
      processes: this.processes,
      peekFile: (path: string) => this.files.peekFile(path),
      peekListing: (path: string) => this.files.listings.peek(path),
      peekLink: (path: string) => this.files.listings.peekLink(path),
      peekCode: (path: string) => this.files.peekCode(path),
      peekTree: (path: string) => this.trees.peek(path),
      isListed: (path: string) => this.trees.isAbsent(path),
      isLogOpen: () => this.log !== undefined,
    }
    this.clearSample()
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const missing = createMissingReads()
      read(createRehearsalHost(fetched, missing))
      if (isNothingMissing(missing)) break
      yield* this.files.fetchMissing(missing)
      for (const path of missing.trees) yield* this.trees.list(path)
      for (const path of missing.logs) yield* this.openLog(path, true)
    }
    this.files.takeCost() // of listings: nobody has read them yet
    this.updateTime(begun)
  }

  private *beginSample(paths: readonly string[], alone: readonly (readonly string[])[]): Waiting<void> {
    const begun = this.thread.now()
    this.clearSample()
    yield* this.files.fetchGroups([[...paths, ...this.trees.listCountFiles()], ...alone])
    this.updateTime(begun)
    yield* this.trees.relistChanged()
  }

  // The node's own clock says when it was read; of a clock that cannot be right, the time of the request and the answer are the bounds.
  private updateTime(begun: number): void {
    const now = this.thread.now()
    const far = this.files.uptime * 1000 + this.bootedAt
    const time = Number.isFinite(far) ? Math.min(now, Math.max(begun, far)) : now
    this.time = Math.max(this.time, time)
  }
}
