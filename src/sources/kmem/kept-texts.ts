// Kept texts: what files said last, long texts in little memory: of thousands of cgroups they are alike but for their numbers.
import { ByDirectory } from '../by-directory.ts'

/** A text as its words, which many texts share, and its numbers. */
interface Numbers {
  readonly words: string
  readonly numbers: string
}

/** Texts that are shorter are kept as they are, and longer ones too: of slabinfo there is one. */
const [LONG, LONGEST] = [200, 4000]
/** Kinds of text that are known by their words: those of cgroups are a few, and each is that of thousands. */
const KINDS = 100

/** Path -> text, as ByDirectory keeps them. */
export class KeptTexts {
  private readonly files = new ByDirectory<string | Numbers>()
  private readonly kinds = new Map<string, string>()

  /** Takes in what a file says; null: it is gone. */
  take(path: string, text: string | null): void {
    if (text === null) this.files.delete(path)
    else this.files.set(path, this.kept(text))
  }

  get isEmpty(): boolean {
    return this.files.isEmpty
  }

  /** Every path with its text. */
  *[Symbol.iterator](): Generator<readonly [path: string, text: string]> {
    for (const [path, kept] of this.files) yield [path, textOf(kept)]
  }

  private kept(text: string): string | Numbers {
    if (text.length < LONG || text.length > LONGEST || text.includes('\0')) return text
    const words = text.replace(/\d+/g, '\0')
    const known = this.kinds.get(words)
    if (known === undefined && this.kinds.size >= KINDS) return text
    if (known === undefined) this.kinds.set(words, words)
    return { words: known ?? words, numbers: text.match(/\d+/g)?.join(' ') ?? '' }
  }
}

function textOf(kept: string | Numbers): string {
  if (typeof kept === 'string') return kept
  const numbers = kept.numbers.split(' ')
  let at = 0
  return kept.words.replace(/\0/g, () => numbers[at++]!)
}
