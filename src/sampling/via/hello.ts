// The collector's first line: what it can do, and what the node's clocks say.
import { HELLO } from './collector-script.ts'

/** What the collector said of itself. An empty word: no such program there. */
export interface Hello {
  readonly head: string
  readonly stat: string
  readonly ls: string
  readonly find: string
  readonly cat: string
  /** seconds since boot */
  readonly uptime: number
  /** seconds since 1970; undefined without date */
  readonly wall: number | undefined
}

/** Where the hello line begins and the text after it, or undefined while it has not come whole. Noise before it is skipped. */
export function findHello(text: string, nonce: string): { readonly hello: Hello; readonly rest: string } | undefined {
  const start = `${HELLO} ${nonce} `
  const at = text.indexOf(start)
  const end = at < 0 ? -1 : text.indexOf('\n', at)
  if (end < 0) return undefined
  return { hello: parseHello(text.slice(at + start.length, end)), rest: text.slice(end + 1) }
}

function parseHello(line: string): Hello {
  const words = new Map(
    line.split('|').map(word => {
      const equals = word.indexOf('=')
      return [word.slice(0, equals), word.slice(equals + 1).trim()] as const
    }),
  )
  const wall = Number(words.get('wall') || Number.NaN)
  return {
    head: words.get('head') ?? '',
    stat: words.get('stat') ?? '',
    ls: words.get('ls') ?? '',
    find: words.get('find') ?? '',
    cat: words.get('cat') ?? '',
    uptime: Number(words.get('uptime') || Number.NaN),
    wall: Number.isFinite(wall) && wall > 0 ? wall : undefined,
  }
}

/** What the node lacks, and what follows from it; empty when all is there. */
export function describeMissingTools({ head, stat, ls, find, cat }: Hello): readonly string[] {
  return [
    ...(head === 'read_by_hand' ? ['no head: files are read by the shell, at several times the cost'] : []),
    ...(stat === '' ? ['no stat and no ls: a cgroup that is created again under its name is not noticed'] : []),
    ...(find === '' ? ['no find: directories are listed by the shell'] : []),
    ...(ls === '' ? ['no ls: links cannot be read, merged slab caches are not named'] : []),
    ...(cat === '' ? ['no cat: the kernel log cannot be read'] : []),
  ]
}
