// The collector's answers as values: files, a tree of directories, a listing. Pure. Answers that were not asked for are dropped.

/** The directories of a tree: path -> inode and number of links, in no order. */
export type DirectoryList = ReadonlyMap<string, { readonly inode: number; readonly links: number }>

/** The most directories that are taken. */
const MAX_DIRECTORIES = 300_000

/**
 * The files of one `head FILE...`: path -> text, byte for byte; a path without a header is not there.
 * A header is taken only for a path that was asked for and comes later in the order of asking.
 */
export function parseFiles(answer: string, asked: readonly string[]): ReadonlyMap<string, string> {
  const order = new Map(asked.map((path, index) => [path, index]))
  const files = new Map<string, string>()
  let current: { path: string; index: number; start: number } | undefined
  let at = answer.startsWith('==> ') ? 0 : answer.indexOf('\n==> ') + 1
  if (at === 0 && !answer.startsWith('==> ')) return files
  for (;;) {
    const end = answer.indexOf('\n', at)
    const line = answer.slice(at, end < 0 ? undefined : end)
    const path = line.startsWith('==> ') && line.endsWith(' <==') ? line.slice(4, -4) : undefined
    const index = path === undefined ? undefined : order.get(path)
    if (path !== undefined && index !== undefined && index > (current?.index ?? -1)) {
      if (current) files.set(current.path, answer.slice(current.start, at - 1))
      current = { path, index, start: end < 0 ? answer.length : end + 1 }
    }
    const next = answer.indexOf('\n==> ', current ? Math.max(at + line.length, current.start - 1) : at + line.length)
    if (next < 0) break
    at = next + 1
  }
  if (current) files.set(current.path, answer.slice(current.start))
  return files
}

// stat: `inode links path`; ls: `inode drwxr-xr-x. links owner group size time path`; neither: the path
const STAT_LINE = /^(\d{1,20}) (\d{1,10}) (\/.*)$/
const LS_TIME = '(?:[A-Z][a-z]{2} +\\d+ +[\\d:]+|\\d{4}-\\d\\d-\\d\\d +[\\d:.]+)'
const LS_TREE_LINE = new RegExp(`^ *(\\d{1,20}) +\\S+ +(\\d{1,10}) +\\S+ +\\S+ +\\d+ +${LS_TIME} (/.*)$`)

/** The directories at and below `root`. A path that is not below it is left out, and one that could not be asked for. */
export function parseTree(answer: string, root: string): DirectoryList {
  const directories = new Map<string, { inode: number; links: number }>()
  for (const line of answer.split('\n')) {
    const [, inode, links, path] = STAT_LINE.exec(line) ?? LS_TREE_LINE.exec(line) ?? [line, '1', '0', line]
    if (!isPathBelow(path!, root) || directories.size >= MAX_DIRECTORIES) continue
    directories.set(path!, { inode: Number(inode), links: Number(links) })
  }
  return directories
}

function isPathBelow(path: string, root: string): boolean {
  return path === root || (path.startsWith(`${root}/`) && !/\/(\.{0,2})(\/|$)/.test(path.slice(root.length)))
}

// lrwxrwxrwx 1 root root 0 Nov 27 18:30 cgroup -> cgroup:[4026531835]
const LS_LINE = new RegExp(`^([a-z-])\\S+ +\\d+ +\\S+ +\\S+ +(?:\\d+, *)?\\d+ +${LS_TIME} (.*)$`)

// `ls -ld`: a directory with its size, a link with its target
const LS_ENTRY = new RegExp(`^([dl])\\S+ +\\d+ +\\S+ +\\S+ +(\\d+) +${LS_TIME} (/.*)$`)

/** Directories with their sizes, and links with what they point to, of one `ls -ld PATH...`. */
export function parseEntries(
  answer: string,
): readonly { readonly path: string; readonly size: number; readonly target?: string }[] {
  return answer.split('\n').flatMap(line => {
    const [, kind, size, rest] = LS_ENTRY.exec(line) ?? []
    if (rest === undefined) return []
    if (kind === 'd') return [{ path: rest, size: Number(size) }]
    const arrow = rest.indexOf(' -> ')
    return arrow < 0 ? [] : [{ path: rest.slice(0, arrow), size: 0, target: rest.slice(arrow + 4) }]
  })
}

// type in hex, inodes, free inodes, blocks, free blocks, bytes of a block, path
const USAGE_LINE = /^([0-9a-f]{1,16}) (\d{1,18}) (\d{1,18}) (\d{1,18}) (\d{1,18}) (\d{1,18}) (\/.*)$/

/** How full file systems are, of one `stat -f PATH...`; inodes and bytes are null where it keeps no count. */
export function parseUsage(
  answer: string,
): ReadonlyMap<string, { readonly type: string; readonly inodes: number | null; readonly bytes: number | null }> {
  const usage = new Map<string, { type: string; inodes: number | null; bytes: number | null }>()
  for (const line of answer.split('\n')) {
    const [, type, files, freeFiles, blocks, freeBlocks, size, path] = USAGE_LINE.exec(line) ?? []
    if (path === undefined) continue
    const inodes = Number(files) > 0 ? Number(files) - Number(freeFiles) : null
    const bytes = Number(blocks) > 0 ? (Number(blocks) - Number(freeBlocks)) * Number(size) : null
    usage.set(path, { type: type!, inodes, bytes })
  }
  return usage
}

/** Names in a directory, with the target of each symbolic link. Lines that are no `ls -l` are names (from a shell without ls). */
export function parseListing(answer: string, hasLs: boolean): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>()
  for (const line of answer.split('\n')) {
    const [, kind, rest] = hasLs ? (LS_LINE.exec(line) ?? []) : ['', '', line === '*' ? '' : line]
    if (rest === undefined || rest === '') continue
    const arrow = kind === 'l' ? rest.indexOf(' -> ') : -1
    const name = arrow < 0 ? rest : rest.slice(0, arrow)
    names.set(name, arrow < 0 ? undefined : rest.slice(arrow + 4))
  }
  return names
}
