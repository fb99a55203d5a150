// Keeps the latest text of many files in little memory: the texts of thousands of cgroups differ only in their numbers.
import { PathMap } from '../base/path-map.ts'

/** A text as a template, which many texts share, and its numbers. */
interface CompactText {
  readonly template: string
  readonly numbers: string
}

/** Shorter and longer texts are kept as they are: there is only one slabinfo. */
const [MIN_COMPACT, MAX_COMPACT] = [200, 4000]
/** Maximum number of templates: the files of cgroups need only a few. */
const MAX_TEMPLATES = 100

/** Texts by path. */
export class CompactFiles {
  private readonly files = new PathMap<string | CompactText>()
  private readonly templates = new Map<string, string>()
  private readonly isCompact: boolean

  /** @param isCompact false: texts are kept as they are, which takes more memory and less time */
  constructor(isCompact = true) {
    this.isCompact = isCompact
  }

  /** Sets the text of a file; null deletes it. */
  setText(path: string, text: string | null): void {
    if (text === null) this.files.delete(path)
    else this.files.set(path, this.isCompact ? this.toCompact(text) : text)
  }

  get isEmpty(): boolean {
    return this.files.isEmpty
  }

  /** Yields every path with its text. */
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
