// Listings and links of a far node for the length of one sample. Which directories are not there is remembered for longer.
import type { Answer } from './answer.ts'
import { parseListing } from './parse-answers.ts'

/** Names in a directory, each with its target if it is a symbolic link. */
export type Names = ReadonlyMap<string, string | undefined>

/** Paths of directories end in `/`. */
export class FarListings {
  private readonly listings = new Map<string, Names | null>()
  private readonly links = new Map<string, string | null>()
  private readonly doubtful = new Set<string>()
  private readonly hasLs: () => boolean

  /** @param hasLs whether listings are those of `ls -l` */
  constructor(hasLs: () => boolean) {
    this.hasLs = hasLs
  }

  clear(): void {
    this.listings.clear()
    this.links.clear()
  }

  has(directory: string): boolean {
    return this.listings.has(directory)
  }

  /** Names as they were fetched; null: no directory; undefined: not fetched. */
  peek(directory: string): Names | null | undefined {
    return this.listings.get(directory)
  }

  /** The target of a link as it was fetched; null: no link; undefined: not fetched. */
  peekLink(path: string): string | null | undefined {
    const slash = path.lastIndexOf('/')
    const names = this.listings.get(path.slice(0, slash + 1))
    return names ? (names.get(path.slice(slash + 1)) ?? null) : this.links.get(path)
  }

  /** Whether a directory was absent when it was last asked for, or was never asked for: most are absent on most nodes. */
  isDoubtful(directory: string): boolean {
    return this.doubtful.has(directory)
  }

  /** Lets it be asked first whether a directory is there. */
  markDoubtful(directory: string): void {
    this.doubtful.add(directory)
  }

  /** Notes that a doubtful directory is there. */
  expect(directory: string): void {
    this.doubtful.delete(directory)
  }

  setAbsent(directory: string): void {
    this.listings.set(directory, null)
    this.doubtful.add(directory)
  }

  take(directory: string, { text, code }: Answer): void {
    const names = parseListing(text, this.hasLs())
    if (names.size === 0 && code !== 0) this.setAbsent(directory)
    else this.listings.set(directory, names)
  }

  /** Takes the line of one link; gives its target. */
  takeLink(path: string, text: string): string | undefined {
    const [target] = parseListing(text, this.hasLs()).values()
    this.links.set(path, target ?? null)
    return target
  }
}
