// The cgroup trees of a far node: each is listed when it is first asked for, and again when the kernel's counts change.
import type { FarFiles } from './far-files.ts'
import { FarTree } from './far-tree.ts'
import type { Link } from './link/link.ts'
import { createHostError } from './link/link-error.ts'
import { parseTree } from './parse-answers.ts'
import type { Waiting } from './waiting.ts'

const CGROUP_COUNTS = '/proc/cgroups'
const RELIST_INTERVAL = 30_000 // ms between two listings of a tree whose counts stay the same
const LIST_COST = 200 // a listing is repeated after this many times what it took: half a percent of the time

interface ListedTree {
  readonly tree: FarTree
  counts: string
  processCounts: string | undefined
  listedAt: number
  /** milliseconds that the last listing took */
  duration: number
}

/** The listed trees. Paths are the node's own; `root` is put before them over there. */
export class FarTrees {
  private readonly trees: ListedTree[] = []
  /** listed in this sample, and not there */
  private readonly absent = new Set<string>()
  private readonly link: Link
  private readonly files: FarFiles
  private readonly root: string
  private readonly now: () => number

  constructor(link: Link, files: FarFiles, root: string, now: () => number) {
    this.link = link
    this.files = files
    this.root = root
    this.now = now
  }

  /** The listed tree that a path is in. */
  peek(path: string): FarTree | undefined {
    return this.trees.find(({ tree }) => tree.covers(path))?.tree
  }

  /** The tree that a path is in, or that begins there. @throws the error that the local host would give */
  find(path: string): FarTree {
    if (!this.peek(path) && !this.absent.has(path)) this.link.waitInSample(this.list(path))
    const tree = this.peek(path)
    if (!tree) throw createHostError(this.files.findCode(path), 'stat', path)
    return tree
  }

  isAbsent(root: string): boolean {
    return this.absent.has(root)
  }

  /** In another sample it may be there. */
  forgetAbsent(): void {
    this.absent.clear()
  }

  /** Lists the tree that begins at `path`. */
  *list(path: string): Waiting<void> {
    const listed = { tree: new FarTree(path), counts: '', processCounts: undefined, listedAt: 0, duration: 0 }
    yield* this.relist(listed)
    if (listed.tree.stat(path)) this.trees.push(listed)
    else this.absent.add(path)
  }

  /** The files whose numbers say that there are new cgroups. */
  listCountFiles(): readonly string[] {
    return this.trees.flatMap(({ tree }) => [CGROUP_COUNTS, `${tree.root}/cgroup.stat`])
  }

  /** Lists the trees whose counts have changed, and now and then all. */
  *relistChanged(): Waiting<void> {
    for (const listed of this.trees) yield* this.relistWhenChanged(listed)
  }

  private *relistWhenChanged(listed: ListedTree): Waiting<void> {
    const { tree } = listed
    const processCounts = this.files.peek(CGROUP_COUNTS)
    const counts = `${processCounts}${this.files.peek(`${tree.root}/cgroup.stat`)}`
    const age = this.now() - listed.listedAt
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
    const begun = this.now()
    const [answer] = yield* this.link.exchange(() => [`D # ${far}`])
    const directories = new Map(
      [...parseTree(answer!.text, far)].map(([path, stat]) => [path.slice(this.root.length), stat] as const),
    )
    for (const path of listed.tree.update(directories)) this.link.words.forget(`${this.root}${path}`)
    const { reporter } = this.link
    const unlisted = this.trees.reduce((sum, { tree }) => sum + tree.unlisted, 0)
    reporter.unlisted = this.trees.includes(listed) ? unlisted : unlisted + listed.tree.unlisted
    listed.listedAt = this.now()
    listed.duration = Math.max(0, listed.listedAt - begun - reporter.delay)
  }
}
