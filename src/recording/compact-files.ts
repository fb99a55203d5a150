// Kept texts: what files said last, long texts in little memory: of thousands of cgroups they are alike but for their numbers.
import { PathMap } from '../base/path-map.ts'

/** A text as its words, which many texts share, and its numbers. */
interface CompactText {
  readonly template: string
  readonly numbers: string
}

/** Texts that are shorter are kept as they are, and longer ones too: of slabinfo there is one. */
const [MIN_COMPACT, MAX_COMPACT] = [200, 4000]
/** Kinds of text that are known by their words: those of cgroups are a few, and each is that of thousands. */
const MAX_TEMPLATES = 100

/** Path -> text, as ByDirectory keeps them. */
export class CompactFiles {
  private readonly files = new PathMap<string | CompactText>()
  private readonly templates = new Map<string, string>()

  /** Takes in what a file says; null: it is gone. */
  setText(path: string, text: string | null): void {
    if (text === null) this.files.delete(path)
    else this.files.set(path, this.toCompact(text))
  }

  get isEmpty(): boolean {
    return this.files.isEmpty
  }

  /** Every path with its text. */
  *[Symbol.iterator](): Generator<readonly [path: string, text: string]> {
    for (const [path, compact] of this.files) yield [path, toText(compact)]
  }

  private toCompact(text: string): string | CompactText {
    if (text.length < MIN_COMPACT || text.length > MAX_COMPACT || text.includes('\0')) return text
    const template = text.replace(/\d+/g, '\0')
    const known = this.templates.get(template)
    if (known === undefined && this.templates.size >= MAX_TEMPLATES) return text
    if (known === undefined) this.templates.set(template, template)
    return { template: known ?? template, numbers: text.match(/\d+/g)?.join(' ') ?? '' }
  }
}

function toText(compact: string | CompactText): string {
  if (typeof compact === 'string') return compact
  const numbers = compact.numbers.split(' ')
  let index = 0
  return compact.template.replace(/\0/g, () => numbers[index++]!)
}
