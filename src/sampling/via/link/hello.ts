// The collector's first line: what it can do, and what the node's clocks say.

/** What the collector said of itself. An empty word: no such program there. */
export interface Hello {
  readonly head: string
  readonly stat: string
  readonly ls: string
  readonly find: string
  readonly cat: string
  /** seconds since boot */
  readonly uptime: number
  /** seconds since 1970; undefined without date, or if the node would have booted before 1970 */
  readonly wall: number | undefined
}

/** Parses the rest of the hello line: `head=head|stat=…|uptime=3285.32|wall=1795804219|pid=26678`. A field that is missing is empty. */
export function parseHello(line: string): Hello {
  const words = new Map(
    line.split('|').map(word => {
      const equals = word.indexOf('=')
      return [word.slice(0, equals), word.slice(equals + 1).trim()] as const
    }),
  )
  const uptime = parseSeconds(words.get('uptime')) ?? Number.NaN
  const wall = parseSeconds(words.get('wall'))
  return {
    head: words.get('head') ?? '',
    stat: words.get('stat') ?? '',
    ls: words.get('ls') ?? '',
    find: words.get('find') ?? '',
    cat: words.get('cat') ?? '',
    uptime,
    wall: wall !== undefined && wall < uptime ? undefined : wall,
  }
}

// A larger number is no date.
function parseSeconds(word = ''): number | undefined {
  const seconds = /^\d{1,11}(?:\.\d*)?$/.test(word) ? Number(word) : 0
  return seconds > 0 ? seconds : undefined
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
