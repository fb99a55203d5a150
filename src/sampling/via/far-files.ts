// Files and listings of a far node for the length of one sample: fetched together, then handed out one by one.

import type { Answer } from './answer.ts'
import { FarListings } from './far-listings.ts'
import { type EncodedGroup, encodeGroup, type FileGroup, readTexts, UPTIME } from './file-groups.ts'
import type { Link } from './link/link.ts'
import { createHostError } from './link/link-error.ts'
import type { MissingReads } from './rehearsal.ts'
import type { Waiting } from './waiting.ts'

const CODE_LIFETIME = 60_000 // ms that the reason for a missing file is believed
const MAX_TRIES = 3 // of a request whose program was killed there

interface FetchedFile {
  /** undefined: not there */
  readonly text: string | undefined
  cost: number
}

/** The files that one sample has fetched. Paths are the node's own; the collector puts `root` before them. */
export class FarFiles {
  /** seconds since boot, as the newest answer has it */
  uptime = Number.NaN
  private readonly files = new Map<string, FetchedFile>()
  readonly listings: FarListings
  private readonly codes = new Map<string, { readonly code: string; readonly at: number }>()
  private spent = 0
  private readonly link: Link
  private readonly root: string
  private readonly now: () => number

  constructor(link: Link, root: string, now: () => number) {
    this.link = link
    this.root = root
    this.now = now
    this.listings = new FarListings(() => link.hello.ls !== '')
  }

  /** Forgets the last sample. */
  clear(): void {
    this.files.clear()
    this.listings.clear()
    this.uptime = Number.NaN
  }

  /** Fetches in one request what is not there yet. A path that ends in `/` is a directory to list. */
  fetch(paths: readonly string[]): Waiting<void> {
    return this.fetchGroups([paths])
  }

  /** Fetches several groups of paths in one exchange. Each has requests of its own, so that it is known what each costs. */
  *fetchGroups(groups: readonly (readonly string[])[]): Waiting<void> {
    let waiting: readonly FileGroup[] = groups.map(paths => this.selectMissing(paths)).filter(({ count }) => count > 0)
    const directories = waiting.flatMap(group => group.directories)
    for (let tries = 0; waiting.length > 0 && tries < MAX_TRIES; tries++) waiting = yield* this.tryFetch(waiting)
    yield* this.listFound(directories)
  }

  /** Fetches what a rehearsal found missing. */
  *fetchMissing({ paths, links, codes }: MissingReads): Waiting<void> {
    for (const path of paths) if (path.endsWith('/')) this.listings.markDoubtful(path)
    yield* this.fetch([...paths])
    const asked = [...links, ...codes]
    if (asked.length === 0) return
    const answers = yield* this.link.exchange(() =>
      asked.map((path, i) => `${i < links.size ? 'R' : 'W'} # ${this.root}${path}`),
    )
    for (const [i, path] of asked.entries()) {
      const { text } = answers[i]!
      if (i < links.size) this.listings.takeLink(path, text)
      else this.codes.set(path, { code: text.trim(), at: this.now() })
    }
  }

  /** Fetches in the middle of a sample. */
  fetchNow(paths: readonly string[]): void {
    this.link.waitInSample(this.fetch(paths))
  }

  /** The text of a file. @throws the error that the local host would give */
  read(path: string): string {
    if (!this.files.has(path)) this.fetchNow([path])
    const file = this.files.get(path)!
    this.spent += file.cost
    file.cost = 0
    if (file.text === undefined) throw createHostError(this.findCode(path), 'open', path)
    return file.text
  }

  /** Replaces what was fetched. */
  override(path: string, text: string | undefined): void {
    this.files.set(path, { text, cost: 0 })
  }

  peek(path: string): string | undefined {
    return this.files.get(path)?.text
  }

  /** A file as it was fetched, without its cost; undefined: not fetched. */
  peekFile(path: string): { readonly text: string | undefined } | undefined {
    return this.files.get(path)
  }

  /** Why a path gave nothing, as far as that was asked lately. */
  peekCode(path: string): string | undefined {
    const known = this.codes.get(path)
    return known && this.now() - known.at < CODE_LIFETIME ? known.code : undefined
  }

  /** Names in a directory, each with its target if it is a symbolic link. @throws ENOENT */
  list(path: string): ReadonlyMap<string, string | undefined> {
    const directory = path.endsWith('/') ? path : `${path}/`
    if (!this.listings.has(directory)) this.fetchNow([directory])
    const names = this.listings.peek(directory)
    if (!names) throw createHostError(this.findCode(path), 'scandir', path)
    return names
  }

  /** The target of a symbolic link, from a listing that has it or by asking. */
  readLink(path: string): string | undefined {
    const known = this.listings.peekLink(path)
    if (known !== undefined) return known ?? undefined
    const [answer] = this.link.ask(() => [`R # ${this.root}${path}`])
    return this.listings.takeLink(path, answer!.text)
  }

  /** Why a path gave nothing, as the kernel's code. */
  findCode(path: string): string {
    const known = this.peekCode(path)
    if (known !== undefined) return known
    const [answer] = this.link.ask(() => [`W # ${this.root}${path}`])
    const code = answer!.text.trim()
    this.codes.set(path, { code, at: this.now() })
    return code
  }

  /** Milliseconds that the far side spent on what was read since the last call. */
  takeCost(): number {
    const { spent } = this
    this.spent = 0
    return spent
  }

  // The kernel's code for a directory that was asked whether it is there: EIO if it is, and can be listed.
  private takePresence(path: string, code: string): void {
    if (code === 'EIO') this.listings.expect(path)
    else this.setAbsent(path, code)
  }

  private setAbsent(path: string, code: string): void {
    this.listings.setAbsent(path)
    for (const name of [path, path.slice(0, -1)]) this.codes.set(name, { code, at: this.now() })
  }

  // Directories that were absent before and are there now.
  private *listFound(directories: readonly string[]): Waiting<void> {
    const found = directories.filter(path => !this.listings.has(path))
    if (found.length === 0) return
    const answers = yield* this.link.exchange(() => found.map(path => `N # ${this.root}${path}`))
    for (const [i, path] of found.entries()) this.listings.take(path, answers[i]!)
  }

  private selectMissing(paths: readonly string[]): FileGroup {
    const missing = [...new Set(paths)].filter(path => !this.files.has(path) && !this.listings.has(path))
    const directories = missing.filter(path => path.endsWith('/'))
    return { files: missing.filter(path => !path.endsWith('/')), directories, count: missing.length }
  }

  // Gives the groups of which a program was killed over there: what it had yet to read is missing.
  private *tryFetch(groups: readonly FileGroup[]): Waiting<readonly FileGroup[]> {
    const begun = this.now()
    let encoded: readonly EncodedGroup[] = []
    const answers = yield* this.link.exchange(words => {
      encoded = groups.map(group => encodeGroup(group, this.root, path => this.listings.isDoubtful(path), words))
      return encoded.flatMap(({ requests }) => requests)
    })
    let [taken, endedAt] = [0, begun + this.link.reporter.delay]
    return groups.filter((group, i) => {
      const { requests, batches } = encoded[i]!
      const own = answers.slice(taken, taken + requests.length)
      taken += requests.length
      this.takeFiles(group, batches, own)
      for (const [k, path] of group.directories.entries()) this.takeDirectory(path, own[batches.length + k]!)
      const at = own.at(-1)?.at ?? endedAt
      this.addCost(group, Math.max(0, at - endedAt))
      endedAt = Math.max(endedAt, at)
      return batches.some((_, k) => own[k]!.code > 1)
    })
  }

  private takeFiles({ files }: FileGroup, batches: EncodedGroup['batches'], answers: readonly Answer[]): void {
    const texts = readTexts(batches, answers)
    if (files.length > 0) this.uptime = Number.parseFloat(texts.get(UPTIME) ?? '')
    const isRefused = files.length === 1 && answers[0]?.code !== 0 // opened, and then the kernel refused to read
    for (const path of files) {
      const text = texts.get(`${this.root}${path}`)
      this.files.set(path, { text: text === '' && isRefused ? undefined : text, cost: 0 })
      if (text === '' && isRefused) this.codes.set(path, { code: 'EIO', at: this.now() })
    }
  }

  private takeDirectory(path: string, answer: Answer): void {
    if (this.listings.isDoubtful(path)) this.takePresence(path, answer.text.trim())
    else this.listings.take(path, answer)
  }

  private addCost({ files, directories, count }: FileGroup, cost: number): void {
    for (const path of files) this.files.get(path)!.cost = cost / count
    this.spent += (cost / count) * directories.length
  }
}
