// The tree reader: which files of which cgroup to read at this look. Hot cgroups often, the others in turn, an event at once.
import type { Files, Host } from '../collector.ts'
import { CGROUP_FILES, type CgroupFiles, oomPart, V1_STAT_DESCENDANTS } from './files.ts'
import { Heat } from './heat.ts'
import type { MemoryMount } from './mounts.ts'
import { overdue, Rotation } from './rotation.ts'
import { Walk } from './walk.ts'

// Periods in ms and the most cgroups a second: together about 1 % of a core, however many there are.
const EVENTS = { period: 1000, most: 400 }
const USE = { period: 5000, most: 250 }
const SLOW = { period: 30_000, most: 40 }
const HOT_SLOW = 10_000
/** New cgroups that are read whole at once; of more (the first look at a large node) the slow files wait for their turn. */
const NEW_AT_ONCE = 400
/** New cgroups read at one look, so that no reading is so large that folding it is felt; at an only look there is nobody to feel it. */
const NEW_A_LOOK = 500
/** Directories up to which the whole tree is walked when the count changes: 6 ms. */
const WALKED_AT_ONCE = 1000
/** Memory cgroups without it after which a file that none had is not looked for any more. */
const MISSES = 8

type Texts = Record<string, string | null>

/** Reads one tree of memory cgroups, look by look. */
export class TreeReader {
  readonly mount: MemoryMount
  private readonly host: Host
  private readonly walk: Walk
  private readonly heat = new Heat()
  private readonly files: CgroupFiles
  private readonly turns = {
    events: new Rotation(EVENTS.period, EVENTS.most),
    use: new Rotation(USE.period, USE.most),
    slow: new Rotation(SLOW.period, SLOW.most),
  }
  private paths: readonly string[] = []
  /** found and not yet read */
  private readonly fresh = new Set<string>()
  private readonly slowAt = new Map<string, number>()
  private readonly misses = new Map<string, number>()
  /** of which the files of hot cgroups were read */
  private readonly close = new Set<string>()
  private lookedAt: number | undefined
  private sweptAt = Number.NEGATIVE_INFINITY

  private readonly once: boolean

  /** @param once the first look is the only one: it reads every cgroup, and the slow files of the largest */
  constructor(host: Host, mount: MemoryMount, once = false) {
    this.host = host
    this.mount = mount
    this.once = once
    this.files = CGROUP_FILES[mount.version]
    this.walk = new Walk(host, mount.path)
  }

  /**
   * The kernel's count is another one: on v1 what is not a directory counts as dead, so all directories must be known now. A
   * watch tells of them a look later.
   */
  stirred(): void {
    if (this.mount.version === 1 && this.paths.length <= WALKED_AT_ONCE) this.walk.hurry()
  }

  /** Texts of this look, `share` as in Look. Throws when the root of the tree cannot be read. */
  look(time: number, urgent: boolean, share = 1): Files {
    const texts: Texts = {}
    const elapsed = time - (this.lookedAt ?? time) // at the first look everything is new, and nothing due
    this.census(texts, time, share * overdue(elapsed))
    const hot = this.heat.hot(this.paths, time)
    const touched = this.readEvents(
      texts,
      hot,
      time,
      urgent ? this.sweep(time) : this.turns.events.take(this.paths, elapsed, share),
    )
    this.letGo(texts, hot)
    for (const path of hot) this.readUse(texts, path, time)
    if (!urgent) {
      for (const path of this.turns.use.take(this.paths, elapsed, share))
        if (!hot.has(path)) this.readUse(texts, path, time)
      for (const path of this.dueHot(hot, time, elapsed)) this.readSlow(texts, path, time, this.files.hot)
      for (const path of this.turns.slow.take(this.paths, elapsed, share))
        if (!hot.has(path)) this.readSlow(texts, path, time)
      this.lookedAt = time
    }
    for (const path of touched) this.readAll(texts, path, time)
    return texts
  }

  // What came and went; a new cgroup is read at once.
  private census(texts: Texts, time: number, share: number): void {
    const { came, went } = this.walk.look(time)
    for (const path of went) {
      texts[`${path}/`] = null
      this.fresh.delete(path)
      this.heat.forget(path)
      this.slowAt.delete(path)
      this.close.delete(path)
    }
    for (const [path, inode] of came) texts[`${path}/`] = `${inode}\n`
    if (this.mount.version === 2) this.read(texts, this.mount.path, 'cgroup.stat')
    for (const path of came.keys()) if (this.walk.known.has(path)) this.fresh.add(path)
    if (came.size > 0 || went.length > 0) this.paths = [...this.walk.known.keys()]
    this.readFresh(texts, time, share)
  }

  private readFresh(texts: Texts, time: number, share: number): void {
    const whole = this.fresh.size <= NEW_AT_ONCE
    let left = this.once ? this.fresh.size : Math.ceil(NEW_A_LOOK * share)
    for (const path of this.fresh) {
      if (left-- === 0) return
      this.fresh.delete(path)
      if (whole && this.lookedAt !== undefined) this.heat.event(path, time)
      if (whole) this.readAll(texts, path, time)
      else this.readQuick(texts, path, time)
    }
    if (this.once && !whole) for (const path of this.largest(texts)) this.readSlow(texts, path, time, this.files.hot)
  }

  private largest(texts: Texts): readonly string[] {
    const use = (path: string): number => Number(texts[`${path}/${this.files.use}`] ?? 0)
    return this.paths.toSorted((a, b) => use(b) - use(a)).slice(0, NEW_AT_ONCE)
  }

  /** Reads the events that are due and gives the cgroups in which an OOM event happened since they were last read. */
  private readEvents(texts: Texts, hot: ReadonlySet<string>, time: number, due: readonly string[]): readonly string[] {
    const touched: string[] = []
    for (const path of new Set([...hot, ...due])) {
      const text = this.read(texts, path, this.files.events)
      if (text !== undefined && this.heat.changed(path, oomPart(text), time)) touched.push(path)
    }
    return touched
  }

  // All events at once, because a kill was told: 10 µs a cgroup, so one ms of waiting for each keeps it at 1 %.
  private sweep(time: number): readonly string[] {
    if (time - this.sweptAt < this.paths.length && this.paths.length > EVENTS.most) return []
    this.sweptAt = time
    return this.paths
  }

  private dueHot(hot: ReadonlySet<string>, time: number, elapsed: number): readonly string[] {
    const due = [...hot].filter(path => time - (this.slowAt.get(path) ?? Number.NEGATIVE_INFINITY) >= HOT_SLOW)
    const share = Math.ceil((hot.size * Math.min(elapsed, HOT_SLOW)) / HOT_SLOW)
    return due.sort((a, b) => (this.slowAt.get(a) ?? 0) - (this.slowAt.get(b) ?? 0)).slice(0, Math.max(1, share))
  }

  // What is told of the last seconds and not looked at any more is not known: it would stand for ever.
  private letGo(texts: Texts, hot: ReadonlySet<string>): void {
    for (const path of this.close) {
      const files = this.files.hot.map(name => `${path}/${name}`)
      if (hot.has(path) || files.some(file => file in texts)) continue
      this.close.delete(path)
      for (const file of files) texts[file] = null
    }
  }

  private readAll(texts: Texts, path: string, time: number): void {
    this.readQuick(texts, path, time)
    this.readSlow(texts, path, time, this.files.hot)
  }

  private readQuick(texts: Texts, path: string, time: number): void {
    const events = this.read(texts, path, this.files.events)
    if (events !== undefined) this.heat.changed(path, oomPart(events), time)
    this.readLimit(texts, path)
    this.readUse(texts, path, time)
  }

  private readUse(texts: Texts, path: string, time: number): void {
    const text = this.read(texts, path, this.files.use)
    if (text !== undefined) this.heat.used(path, Number(text), time)
  }

  private readLimit(texts: Texts, path: string): void {
    const text = this.read(texts, path, this.files.limit)
    if (text !== undefined) this.heat.limited(path, text.startsWith('max') ? Number.POSITIVE_INFINITY : Number(text))
  }

  private readSlow(texts: Texts, path: string, time: number, also: readonly string[] = []): void {
    this.slowAt.set(path, time)
    this.readLimit(texts, path)
    for (const name of [...this.files.slow, ...also]) if (this.wants(path, name)) this.read(texts, path, name)
    if (also.some(name => `${path}/${name}` in texts)) this.close.add(path)
  }

  // The root of all is the node: what it holds is in /proc, and its memory.stat is the dearest of all.
  private wants(path: string, name: string): boolean {
    if (path === this.mount.path && this.mount.root === '/') return name !== 'memory.stat' && name !== 'memory.pressure'
    return this.mount.version === 2 || name !== 'memory.stat' || this.walk.below(path) <= V1_STAT_DESCENDANTS
  }

  // A cgroup that vanished is found by the next walk; a file that this kernel does not have is no error.
  private read(texts: Texts, path: string, name: string): string | undefined {
    const missed = this.misses.get(name) ?? 0
    if (missed >= MISSES) return undefined
    const file = `${path}/${name}`
    try {
      const text = this.host.readFile(file)
      texts[file] = text
      if (missed !== Number.NEGATIVE_INFINITY) this.misses.set(name, Number.NEGATIVE_INFINITY)
      return text
    } catch {
      if (missed !== Number.NEGATIVE_INFINITY && this.hasMemory(path, name)) this.misses.set(name, missed + 1)
      return undefined
    }
  }

  // Where the controller is not turned on for a directory none of its files is there: that says nothing of the kernel.
  private hasMemory(path: string, missing: string): boolean {
    try {
      return missing !== this.files.use && this.host.readFile(`${path}/${this.files.use}`) !== ''
    } catch {
      return false
    }
  }
}
