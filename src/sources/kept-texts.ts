// Kept texts: what files said last, in little memory: ten thousand cgroups have seven files each, most of them alike but for their numbers.

/** A text as its words, which many texts share, and its numbers. */
interface Numbers {
  readonly words: string
  readonly numbers: string
}

/** Texts that are shorter are kept as they are. */
const LONG = 200
/** Kinds of text that are known by their words: those of cgroups are a few, and each is that of thousands. */
const KINDS = 100
/** Names of files that are shared: a name cut from a path would keep the whole path in memory. */
const NAMES = 1000

/** Directory -> name of the file -> text. A directory that vanished or was made anew takes the texts of its own files along. */
export class KeptTexts {
  private readonly directories = new Map<string, Map<string, string | Numbers>>()
  private readonly names = new Map<string, string>()
  private readonly kinds = new Map<string, string>()

  /** Takes in what a file says, null: it is gone. Gives whether that is news. */
  take(path: string, text: string | null): boolean {
    const slash = path.lastIndexOf('/')
    const directory = path.slice(0, slash)
    const known = this.directories.get(directory)
    const isDirectory = path.endsWith('/')
    if (text === null) {
      if (isDirectory) this.directories.delete(directory)
      else known?.delete(path.slice(slash))
      return true
    }
    const name = shared(this.names, path.slice(slash), NAMES)
    const kept = this.kept(text)
    if (known && isSame(known.get(name), kept)) return false
    if (isDirectory || !known) this.directories.set(directory, new Map([[name, kept]]))
    else known.set(name, kept)
    return true
  }

  get isEmpty(): boolean {
    return this.directories.size === 0
  }

  /** Every path with its text. */
  *[Symbol.iterator](): Generator<readonly [path: string, text: string]> {
    for (const [directory, texts] of this.directories)
      for (const [name, kept] of texts) yield [`${directory}${name}`, textOf(kept)]
  }

  private kept(text: string): string | Numbers {
    if (text.length < LONG || text.includes('\0')) return text
    const words = text.replace(/\d+/g, '\0')
    const kind = shared(this.kinds, words, KINDS)
    return this.kinds.has(kind) ? { words: kind, numbers: text.match(/\d+/g)?.join(' ') ?? '' } : text
  }
}

/** The same text as one that is kept, where there is room to keep it. */
function shared(known: Map<string, string>, text: string, most: number): string {
  const same = known.get(text)
  if (same === undefined && known.size < most) known.set(text, text)
  return same ?? text
}

function isSame(a: string | Numbers | undefined, b: string | Numbers): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.numbers === b.numbers && a.words === b.words
}

function textOf(kept: string | Numbers): string {
  if (typeof kept === 'string') return kept
  const numbers = kept.numbers.split(' ')
  let at = 0
  return kept.words.replace(/\0/g, () => numbers[at++]!)
}
