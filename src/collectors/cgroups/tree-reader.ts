// The tree reader: decides which files of which cgroups a sample reads. Hot cgroups often, the others in turn, events at once.
import type { Files, Host, ReaderOptions } from '../collector.ts'
import { CgroupFileReader, type FileTexts, selectLargest } from './cgroup-file-reader.ts'
import { CGROUP_FILES, type CgroupFiles, parseDescendants, V1_STAT_DESCENDANTS } from './cgroup-files.ts'
import { DirectoryWalker, MAX_WALKED_AT_ONCE } from './directory-walker.ts'
import { EventReader, type EventSample } from './event-reader.ts'
import type { ReadTurn } from './event-schedule.ts'
import { listAllFiles, listExpectedFiles } from './expected-files.ts'
import { HotSet } from './hot-set.ts'
import type { MemoryMount } from './mounts.ts'
import { computeCatchUpFactor, RoundRobin } from './round-robin.ts'
import { SlowSchedule } from './slow-schedule.ts'
import { isTreeHierarchical, UseSchedule } from './use-schedule.ts'

/** Up to this many new cgroups are read in full; of more (the first sample of a large node) the slow files wait for their turn. */
const MAX_NEW_READ_FULLY = 400
/** New cgroups read in one sample, so that applying the reading takes no noticeable time. No limit if there is only one sample. */
const MAX_NEW_PER_SAMPLE = 500
/** A sample over a link is this much later than when its files were asked for (ms): some more are asked for. */
const EXPECT_MARGIN = 50

/** Samples one tree of memory cgroups. */
export class TreeReader {
  readonly mount: MemoryMount
  private readonly reader: CgroupFileReader
  private readonly walker: DirectoryWalker
  private readonly hotSet = new HotSet()
  private readonly files: CgroupFiles
  private readonly useSchedule: UseSchedule
  private readonly slowTurns = new RoundRobin(30_000, 40) // each cgroup within 30 s, at most 40 per second
  private paths: readonly string[] = []
  /** directories that were found and not read yet */
  private readonly unread = new Set<string>()
  /** cgroups whose files for hot cgroups were read */
  private readonly hotFilesRead = new Set<string>()
  private sampledAt: number | undefined
  private readonly events: EventReader
  /** false: a copy of a tree, whose files may not fit together, or one over a link */
  private readonly isKernelTree: boolean
  private readonly once: boolean
  private readonly slowSchedule: SlowSchedule

  constructor(host: Host, mount: MemoryMount, { once = false, watched = [] }: ReaderOptions = {}) {
    this.mount = mount
    this.once = once
    this.slowSchedule = new SlowSchedule(watched.map(path => `${mount.path}${path}`))
    this.isKernelTree = host.notices?.isCgroupTree(mount.path) === true
    this.files = CGROUP_FILES[mount.version]
    this.reader = new CgroupFileReader(host, this.files.use)
    this.walker = new DirectoryWalker(host, mount.path, mount.version === 1)
    this.useSchedule = new UseSchedule(mount.path, isTreeHierarchical(host, mount))
    this.events = new EventReader(host, mount, this.files, { reader: this.reader, hotSet: this.hotSet, once })
  }

  /**
   * Handles a change of the kernel's count of cgroups. On v1 every cgroup that is not a known directory counts as dying, so all
   * directories must be known in the sample that has the count; a watch reports them one sample later.
   */
  handleCountChange(): void {
    if (this.mount.version === 1 && this.paths.length <= MAX_WALKED_AT_ONCE) this.walker.requestFullWalk()
  }

  /** Sets the mount points inside the tree: what is in them are no memory cgroups. */
  readonly setMountsBelow = (paths: readonly string[]): void => this.walker.setMountPoints(paths)

  /** Takes a sample; `share` as in CollectorReader. Throws if the root of the tree cannot be read. */
  readSample(time: number, urgent: boolean, share = 1): Files {
    const texts: FileTexts = {}
    const elapsed = time - (this.sampledAt ?? time) // in the first sample everything is new, and nothing is due
    this.updatePaths(texts, time, share * computeCatchUpFactor(elapsed))
    this.reader.prefetchExpected(() => this.expectPaths(time, urgent, share))
    const hot = this.selectHot(time)
    const touched = this.events.readDue(texts, this.describeSample(hot, time, urgent, { elapsed, share }))
    this.dropStale(texts, hot)
    for (const path of hot) this.readUse(texts, path, time)
    if (!urgent) {
      this.readUsesInTurn(texts, hot, time, { elapsed, share })
      for (const path of this.slowSchedule.selectDue(hot, time, elapsed))
        this.readSlowFiles(texts, path, time, this.files.hot)
      for (const path of this.slowTurns.selectDue(this.paths, elapsed, share))
        if (!hot.has(path)) this.readInSlowTurn(texts, path, time)
      this.sampledAt = time
    }
    this.reader.prefetch(listAllFiles(this.files, touched, true, this.shouldRead))
    for (const path of touched) this.readAllFiles(texts, path, time)
    return texts
  }

  /** Returns the files that the next sample will read, but for those of cgroups that came meanwhile. */
  expectPaths(time: number, urgent: boolean, share = 1): readonly string[] {
    if (this.sampledAt === undefined) return []
    const elapsed = time - this.sampledAt + EXPECT_MARGIN
    const hot = this.selectHot(time)
    const peek = (turns: RoundRobin | UseSchedule): readonly string[] =>
      urgent ? [] : turns.peekDue(this.paths, elapsed, share)
    const reads = {
      hot,
      events: this.events.listExpected(this.describeSample(hot, time, urgent, { elapsed, share })),
      use: peek(this.useSchedule),
      slow: peek(this.slowTurns),
      hotSlow: urgent ? [] : this.slowSchedule.selectDue(hot, time, elapsed),
    }
    return listExpectedFiles(this.files, reads, this.shouldRead)
  }

  private describeSample(hot: ReadonlySet<string>, time: number, urgent: boolean, turn: ReadTurn): EventSample {
    return { paths: this.paths, hot, time, urgent, turn }
  }

  // Finds created and removed cgroups; a new cgroup is read at once.
  private updatePaths(texts: FileTexts, time: number, share: number): void {
    if (this.mount.version === 2) {
      const counts = this.reader.read(texts, this.mount.path, 'cgroup.stat')
      this.walker.updateCount(parseDescendants(counts))
    }
    const { added, removed } = this.walker.detectChanges(time)
    for (const path of removed) {
      texts[`${path}/`] = null
      this.unread.delete(path)
      this.hotSet.forget(path)
      this.slowSchedule.forget(path)
      this.hotFilesRead.delete(path)
      this.events.forget(path)
      this.useSchedule.forget(path)
    }
    for (const [path, inode] of added) texts[`${path}/`] = `${inode}\n`
    for (const path of added.keys()) if (this.walker.known.has(path)) this.unread.add(path)
    if (added.size > 0 || removed.length > 0) this.paths = [...this.walker.known.keys()]
    this.readNew(texts, time, share)
  }

  private readNew(texts: FileTexts, time: number, share: number): void {
    const isFullRead = this.unread.size <= MAX_NEW_READ_FULLY
    const remaining = this.once ? this.unread.size : Math.ceil(MAX_NEW_PER_SAMPLE * share)
    const selected = [...this.unread].slice(0, remaining)
    this.reader.prefetch(listAllFiles(this.files, selected, isFullRead, this.shouldRead))
    for (const path of selected) {
      this.unread.delete(path)
      this.events.add(path)
      if (isFullRead && this.sampledAt !== undefined) this.hotSet.markEvent(path, time)
      if (isFullRead) this.readAllFiles(texts, path, time)
      else this.readQuickFiles(texts, path, time)
    }
    if (!this.once || isFullRead) return
    const largest = selectLargest(this.paths, texts, this.files.use, MAX_NEW_READ_FULLY)
    this.reader.prefetch(listAllFiles(this.files, largest, true, this.shouldRead))
    for (const path of largest) this.readSlowFiles(texts, path, time, this.files.hot)
  }

  private selectHot(time: number): ReadonlySet<string> {
    return this.slowSchedule.addWatched(this.hotSet.selectHot(this.paths, time), this.paths)
  }

  // A value of the last seconds that is no longer read becomes unknown; otherwise it would stay for ever.
  private dropStale(texts: FileTexts, hot: ReadonlySet<string>): void {
    for (const path of this.hotFilesRead) {
      const files = this.files.hot.map(name => `${path}/${name}`)
      if (hot.has(path) || files.some(file => file in texts)) continue
      this.hotFilesRead.delete(path)
      for (const file of files) texts[file] = null
    }
  }

  private readAllFiles(texts: FileTexts, path: string, time: number): void {
    this.readQuickFiles(texts, path, time)
    this.readSlowFiles(texts, path, time, this.files.hot)
  }

  private readQuickFiles(texts: FileTexts, path: string, time: number): void {
    this.events.read(texts, path, time)
    this.readLimit(texts, path)
    this.readUse(texts, path, time)
  }

  private readUsesInTurn(texts: FileTexts, hot: ReadonlySet<string>, time: number, { elapsed, share }: ReadTurn): void {
    const read = (path: string): number | undefined => {
      if (!(hot.has(path) || `${path}/${this.files.use}` in texts)) this.readUse(texts, path, time)
      return this.hotSet.getUse(path)
    }
    this.useSchedule.readMoved(this.walker.tree, time, share, read)
    for (const path of this.useSchedule.selectDue(this.paths, elapsed, share)) read(path)
  }

  private readUse(texts: FileTexts, path: string, time: number): void {
    const text = this.reader.read(texts, path, this.files.use)
    if (text !== undefined) this.hotSet.updateUse(path, Number(text), time)
  }

  private readLimit(texts: FileTexts, path: string): void {
    const text = this.reader.read(texts, path, this.files.limit)
    if (text !== undefined)
      this.hotSet.updateLimit(path, text.startsWith('max') ? Number.POSITIVE_INFINITY : Number(text))
  }

  private readInSlowTurn(texts: FileTexts, path: string, time: number): void {
    const isLeaf = this.walker.tree.countDescendants(path) === 0
    if (this.isKernelTree && isLeaf && this.slowSchedule.isQuiet(path, time, this.hotSet.getUse(path)))
      this.readLimit(texts, path)
    else this.readSlowFiles(texts, path, time)
  }

  private readSlowFiles(texts: FileTexts, path: string, time: number, extraNames: readonly string[] = []): void {
    this.slowSchedule.markRead(path, time, this.hotSet.getUse(path))
    this.readLimit(texts, path)
    for (const name of [...this.files.slow, ...extraNames])
      if (this.shouldRead(path, name)) this.reader.read(texts, path, name)
    if (extraNames.some(name => `${path}/${name}` in texts)) this.hotFilesRead.add(path)
  }

  // The root of all is the node: what it holds is in /proc, and its memory.stat is the dearest of all.
  private readonly shouldRead = (path: string, name: string): boolean => {
    if (!this.reader.isWanted(name)) return false
    if (path === this.mount.path && this.mount.root === '/') return name !== 'memory.stat' && name !== 'memory.pressure'
    return (
      this.mount.version === 2 ||
      name !== 'memory.stat' ||
      this.walker.tree.countDescendants(path) <= V1_STAT_DESCENDANTS
    )
  }
}
