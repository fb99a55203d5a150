// Reads any mix of saved files: logs are followed, texts of kernel files kept, all else listed with the reason.

import { type Found, filesOf, headOf, sizeOf } from './find.ts'
import { LogFollower } from './follower.ts'
import { HEAD, kindOf, yearOf } from './kind.ts'
import { LineFinder } from './lines.ts'
import { type Member, memberOf, textsIn } from './open.ts'
import { inOrder } from './order.ts'
import type { Snapshot } from './snapshots.ts'
import type { LogTale } from './tale.ts'

/** One text that was found, used or not. */
export interface Input {
  readonly file: string
  /** `syslog`, `dmesg`, `meminfo` … ; null when it could not be used */
  readonly format: string | null
  /** lines or entries in it */
  readonly records: number
  /** why it, or its end, could not be used */
  readonly skipped: string | null
  /** lines that speak of OOM kills in the name of a program, or of nobody: not the kernel's word, and not counted */
  readonly hearsay: number
}

/** A text of a kernel file, and when it was saved: milliseconds since 1970. */
export interface SavedSnapshot {
  readonly file: string
  readonly changed: number
  readonly snapshot: Snapshot
}

/** All that the files tell. */
export interface Saved {
  readonly inputs: readonly Input[]
  readonly logs: readonly LogTale[]
  /** by the time of their last change, then by name */
  readonly snapshots: readonly SavedSnapshot[]
}

const STDIN: Found = { path: '-', problem: null }
const MOST_SNAPSHOT = 32 << 20 // characters of a listing that are read

/** What is being told while reading: bytes from disk so far, and of how many (null: not known). */
export type Progress = (done: number, total: number | null, file: string) => void

/** Reads the files, folders, tarballs; `-` is stdin. @param now milliseconds since 1970. @throws UserError for a path that is not there */
export async function readSaved(paths: readonly string[], now: number, progress: Progress = () => {}): Promise<Saved> {
  const found = (await Promise.all(paths.map(path => (path === '-' ? [STDIN] : filesOf(path))))).flat()
  const files = found.flatMap(({ path, problem }) => (problem === null ? [path] : []))
  const total = files.includes('-') ? null : files.reduce((sum, file) => sum + sizeOf(file), 0)
  const reader = new Reader(now)
  for (const { path, problem } of found) if (problem !== null) reader.leave(path, problem)
  let done = 0
  for (const group of inOrder([...new Set(files)], headOf)) {
    const follower = new LogFollower()
    for (const file of group) {
      await reader.readFile(file, follower, bytes => {
        done += bytes
        progress(done, total, file)
      })
    }
    reader.tell(follower)
  }
  reader.snapshots.sort((a, b) => a.changed - b.changed || (a.file < b.file ? -1 : 1))
  return reader
}

class Reader implements Saved {
  readonly inputs: Input[] = []
  readonly logs: LogTale[] = []
  readonly snapshots: SavedSnapshot[] = []

  private readonly heads = new Map<string, string>() // of each text, as long as its path is being read
  private readonly now: number

  constructor(now: number) {
    this.now = now
  }

  leave(file: string, skipped: string): void {
    this.inputs.push({ file, format: null, records: 0, skipped, hearsay: 0 })
  }

  tell(follower: LogFollower): void {
    const tale = follower.told()
    if (tale.files.length > 0) this.logs.push(tale)
  }

  /** Reads one path. What of it is no tarball goes on with the log that the path belongs to. */
  async readFile(path: string, rotation: LogFollower, read: (bytes: number) => void): Promise<void> {
    const inTar = new Map<string, LogTale>()
    try {
      for await (const text of textsIn(memberOf(path, this.now), read)) {
        if (!text.name.startsWith(`${path}:`)) await this.readText(text, rotation)
        else inTar.set(text.name, await this.readAlone(text))
      }
    } catch (error) {
      this.leave(path, reason(error))
    }
    await this.tellTar(path, inTar)
    this.heads.clear()
  }

  private async readAlone(text: Member): Promise<LogTale> {
    const follower = new LogFollower()
    await this.readText(text, follower)
    return follower.told()
  }

  // Texts of a tarball come in any order. Those of one log are read once more, in theirs.
  private async tellTar(path: string, tales: ReadonlyMap<string, LogTale>): Promise<void> {
    const logs = [...tales].flatMap(([name, { files }]) => (files.length > 0 ? [name] : []))
    const groups = inOrder(logs, name => this.heads.get(name) ?? '')
    const isTorn = (group: readonly string[]): boolean => group.length > 1 && path !== '-'
    for (const name of groups.filter(group => !isTorn(group)).flat()) this.logs.push(tales.get(name)!)
    for (const follower of await this.followed(path, groups.filter(isTorn))) this.tell(follower)
  }

  // Each pass takes of every log what comes in order. A pass may end at damage that was told already.
  private async followed(path: string, groups: readonly (readonly string[])[]): Promise<readonly LogFollower[]> {
    const again = new Reader(this.now)
    const logs = groups.map(names => ({ names: [...names], follower: new LogFollower() }))
    const isNext = (name: string): boolean =>
      logs.some(({ names: [next] }) => next === name || next?.startsWith(`${name}:`))
    for (let took = true; took && logs.some(({ names }) => names.length > 0); ) {
      took = false
      try {
        for await (const text of textsIn(memberOf(path, this.now), undefined, isNext)) {
          const log = logs.find(({ names: [next] }) => next === text.name)
          if (!log) continue
          log.names.shift()
          took = true
          await again.readText(text, log.follower)
        }
      } catch {}
    }
    return logs.map(({ follower }) => follower)
  }

  private async readText(member: Member, follower: LogFollower): Promise<void> {
    const first: Buffer[] = []
    let length = 0
    let skipped: string | null = null
    const pieces = member.pieces[Symbol.asyncIterator]()
    const next = async (): Promise<Buffer | undefined> => {
      try {
        const { value, done } = await pieces.next()
        return done ? undefined : value
      } catch (error) {
        skipped = `read up to here: ${reason(error)}`
        return undefined
      }
    }
    while (length < HEAD) {
      const piece = await next()
      if (!piece) break
      first.push(piece)
      length += piece.length
    }
    const head = Buffer.concat(first)
    const text = head.toString('latin1', 0, HEAD)
    const kind = kindOf(text)
    this.heads.set(member.name, head.toString('latin1', 0, 128))
    const input = { file: member.name, format: null, records: 0, hearsay: 0 }
    if (kind === 'log') {
      const log = await this.follow(member, head, next, follower)
      this.inputs.push({ ...input, ...log, skipped })
    } else if (typeof kind === 'string') {
      const trial = new LogFollower() // a log may begin with junk
      const log = await this.follow(member, head, next, trial)
      const isLog = [...trial.formats.keys()].some(format => format !== 'plain')
      if (isLog) this.tell(trial)
      this.inputs.push(isLog ? { ...input, ...log, skipped } : { ...input, skipped: skipped ?? kind })
    } else await this.snapshot(member, head, next, kind.read, () => skipped)
  }

  private async follow(
    { name, changed }: Member,
    head: Buffer,
    next: () => Promise<Buffer | undefined>,
    follower: LogFollower,
  ): Promise<Pick<Input, 'format' | 'records' | 'hearsay'>> {
    follower.begin(name, yearOf(head.toString('latin1', 0, HEAD), changed))
    const finder = new LineFinder(follower)
    for (let piece: Buffer | undefined = head; piece; piece = await next()) finder.push(piece)
    finder.end()
    follower.last(finder.lastLine)
    const [format = 'plain'] = [...follower.formats].toSorted((a, b) => b[1] - a[1])[0] ?? []
    return { format, records: finder.lines, hearsay: follower.hearsay }
  }

  private async snapshot(
    { name, changed }: Member,
    head: Buffer,
    next: () => Promise<Buffer | undefined>,
    read: (text: string) => Snapshot,
    problem: () => string | null,
  ): Promise<void> {
    let text = head.toString('latin1')
    for (let piece = await next(); piece; piece = await next()) {
      if (text.length < MOST_SNAPSHOT) text += piece.toString('latin1')
    }
    const records = text.split('\n').length - 1
    try {
      const snapshot = read(text.replaceAll('\r\n', '\n'))
      this.snapshots.push({ file: name, changed, snapshot })
      const cut = text.length >= MOST_SNAPSHOT ? `only its first ${MOST_SNAPSHOT >> 20} MiB were read` : null
      this.inputs.push({ file: name, format: snapshot.kind, records, skipped: problem() ?? cut, hearsay: 0 })
    } catch (error) {
      this.inputs.push({ file: name, format: null, records, skipped: reason(error), hearsay: 0 })
    }
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
