// Reads many files, links and file systems of a far node, each kind in one request, and keeps what came.
import type { Link } from './link/link.ts'
import { parseEntries, parseFiles, parseListing, parseUsage } from './parse-answers.ts'

const PROC_SUPER_MAGIC = '9fa0'

/** The files that a survey has fetched. Paths are the node's own; the collector puts `root` before them. */
export class FarReader {
  readonly files = new Map<string, string>()
  readonly links = new Map<string, string>()
  readonly listings = new Map<string, readonly string[]>()
  readonly usage = new Map<string, { readonly inodes: number | null; readonly bytes: number | null }>()
  private readonly estimates = new Map<string, number>()
  private readonly sizes = new Map<string, number>()
  private readonly link: Link
  private readonly root: string
  private reportsSizes = false

  constructor(link: Link, root: string) {
    this.link = link
    this.root = root
  }

  /** Finds out whether the sizes of directories are numbers of entries: only in a real /proc. */
  async checkProcfs(): Promise<void> {
    const path = `${this.root}/proc`
    const [answer] = await this.link.askBeside(words => [`U # ${words.encode([path])[0]!.words}`])
    this.reportsSizes = parseUsage(answer!.text).get(path)?.type === PROC_SUPER_MAGIC
  }

  async listPids(): Promise<readonly string[]> {
    const [answer] = await this.link.askBeside(() => [`N # ${this.root}/proc`])
    const names = [...parseListing(answer!.text, this.link.hello.ls !== '').keys()]
    this.listings.set('/proc', names)
    return names.filter(name => /^\d{1,10}$/.test(name))
  }

  /** Reads whole files below /proc. */
  async readFiles(paths: readonly string[]): Promise<void> {
    await this.readHeads('L #', paths)
  }

  /** Reads the first lines of files below /proc. */
  async readBeginnings(paths: readonly string[], lines: number): Promise<void> {
    await this.readHeads(`H # ${lines}`, paths)
  }

  /** Reads what links below /proc point to, and the sizes of directories. A path may end in `/*`: all entries of that directory. */
  async readEntries(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    const [answer] = await this.link.askBeside(words => [`M # ${this.encode(words.encodeDirectory(this.root), paths)}`])
    for (const { path: far, size, target } of parseEntries(answer!.text)) {
      if (!far.startsWith(`${this.root}/proc/`)) continue
      const path = far.slice(this.root.length)
      if (target === undefined) this.sizes.set(path, size)
      else this.links.set(path, target)
    }
  }

  /** Remembers the entries of the directory of a process that were read as its listing. */
  keepListing(directory: string): void {
    const names: string[] = []
    for (const path of this.links.keys())
      if (path.startsWith(`${directory}/`)) names.push(path.slice(directory.length + 1))
    if (names.length > 0 || this.sizes.has(`${directory}/.`)) this.listings.set(directory, names)
  }

  /** Reads how full mounted file systems are. */
  async readUsage(paths: readonly string[]): Promise<void> {
    const answers = await this.link.askBeside(words => {
      const batches = words.encode(paths.map(path => `${this.root}${path}`))
      return batches.map(batch => `U # ${batch.words}`)
    })
    for (const { text } of answers)
      for (const [path, usage] of parseUsage(text)) this.usage.set(path.slice(this.root.length), usage)
  }

  /** Descriptors of a process: as the kernel reports (6.2 on), or 0. @param path `/proc/PID/fd` */
  getDescriptorCount(path: string): number {
    return (this.reportsSizes && this.sizes.get(path)) || (this.estimates.get(path) ?? 0)
  }

  /** For a process whose descriptors are not read: about how many it has. */
  estimateDescriptorCount(path: string, count: number): void {
    this.estimates.set(path, count)
  }

  private async readHeads(request: string, paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    const [answer] = await this.link.askBeside(words => [
      `${request} ${this.encode(words.encodeDirectory(this.root), paths)}`,
    ])
    const asked = paths.map(path => `${this.root}${path}`)
    for (const [path, text] of parseFiles(answer!.text, asked)) this.files.set(path.slice(this.root.length), text)
  }

  // paths below /proc are plain words; the root is a variable of the far shell
  private encode(root: string, paths: readonly string[]): string {
    return paths.map(path => `${root}${path}`).join(' ')
  }
}
