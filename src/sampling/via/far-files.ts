// Files and listings of a far node for the length of one sample: fetched together, then handed out one by one.

import type { Link } from './link.ts'
import { createHostError } from './link-error.ts'
import { parseFiles, parseListing } from './parse-answers.ts'
import type { Waiting } from './waiting.ts'

const UPTIME = '/proc/uptime'
const CODE_LIFETIME = 60_000 // ms that the reason for a missing file is believed
const MAX_TRIES = 3 // of a request whose program was killed there

interface FetchedFile {
  /** undefined: not there */
  readonly text: string | undefined
  cost: number
}

/** What one sample has fetched. Paths are the node's own; `root` is put before them over there. */
export class FarFiles {
  /** seconds since boot, as the newest answer has it */
  uptime = Number.NaN
  private readonly files = new Map<string, FetchedFile>()
  private readonly listings = new Map<string, ReadonlyMap<string, string | undefined> | undefined>()
  private readonly codes = new Map<string, { readonly code: string; readonly at: number }>()
  private spent = 0
  private readonly link: Link
  private readonly root: string
  private readonly now: () => number

  constructor(link: Link, root: string, now: () => number) {
    this.link = link
    this.root = root
    this.now = now
  }

  /** Forgets the last sample. */
  clear(): void {
    this.files.clear()
    this.listings.clear()
  }

  /** Fetches in one request what is not there yet. A path that ends in `/` is a directory to list. */
  *fetch(paths: readonly string[]): Waiting<void> {
    const wanted = [...new Set(paths)].filter(path => !this.files.has(path) && !this.listings.has(path))
    const directories = wanted.filter(path => path.endsWith('/'))
    const files = wanted.filter(path => !path.endsWith('/'))
    if (wanted.length === 0) return
    const begun = this.now()
    for (let tries = 1; !(yield* this.tryFetch(files, directories)) && tries < MAX_TRIES; tries++);
    const cost = Math.max(0, this.now() - begun - this.link.reporter.delay) / wanted.length
    for (const path of files) this.files.get(path)!.cost = cost
    this.spent += cost * directories.length
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

  /** Names in a directory, each with its target if it is a symbolic link. @throws ENOENT */
  list(path: string): ReadonlyMap<string, string | undefined> {
    const directory = path.endsWith('/') ? path : `${path}/`
    if (!this.listings.has(directory)) this.fetchNow([directory])
    const names = this.listings.get(directory)
    if (!names) throw createHostError(this.findCode(path), 'scandir', path)
    return names
  }

  /** The target of a symbolic link, from a listing that has it or by asking. */
  readLink(path: string): string | undefined {
    const slash = path.lastIndexOf('/')
    const names = this.listings.get(path.slice(0, slash + 1))
    if (names) return names.get(path.slice(slash + 1))
    const [answer] = this.link.ask(() => [`R # ${this.root}${path}`])
    return [...parseListing(answer!.text, this.link.hello.ls !== '').values()][0]
  }

  /** Why a path gave nothing, as the kernel's code. */
  findCode(path: string): string {
    const known = this.codes.get(path)
    if (known && this.now() - known.at < CODE_LIFETIME) return known.code
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

  // false: a program was killed over there, and what it had yet to read is missing.
  private *tryFetch(files: readonly string[], directories: readonly string[]): Waiting<boolean> {
    const asked = files.filter(path => this.root !== '' || path !== UPTIME) // which each answer begins with
    const far = asked.length > 0 || files.length > 0 ? asked.map(path => `${this.root}${path}`) : []
    let batches: readonly (readonly string[])[] = []
    const answers = yield* this.link.exchange(words => {
      const encoded = words.encode(files.length > 0 && far.length === 0 ? ['/proc/version'] : far)
      batches = encoded.map(({ paths }) => paths)
      return [...encoded.map(({ words: text }) => `L # ${text}`), ...directories.map(path => `N # ${this.root}${path}`)]
    })
    const texts = new Map<string, string>()
    for (const [i, paths] of batches.entries())
      for (const [path, text] of parseFiles(answers[i]!.text, [UPTIME, ...paths])) texts.set(path, text)
    this.uptime = Number.parseFloat(texts.get(UPTIME) ?? '')
    const isRefused = files.length === 1 && answers[0]!.code !== 0 // opened, and then the kernel refused to read
    for (const path of files) {
      const text = texts.get(`${this.root}${path}`)
      this.files.set(path, { text: text === '' && isRefused ? undefined : text, cost: 0 })
      if (text === '' && isRefused) this.codes.set(path, { code: 'EIO', at: this.now() })
    }
    for (const [i, path] of directories.entries()) {
      const { text, code } = answers[batches.length + i]!
      const names = parseListing(text, this.link.hello.ls !== '')
      this.listings.set(path, names.size === 0 && code !== 0 ? undefined : names)
    }
    return batches.every((_, i) => answers[i]!.code <= 1)
  }
}
