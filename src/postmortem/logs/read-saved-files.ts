// Reads any mix of saved files: logs are followed, texts of kernel files kept, all else listed with the reason.

import { getErrorMessage } from '../../base/errors.ts'
import { appendAll } from '../../base/extremes.ts'
import { detectFormat, HEAD_SIZE } from './detect-format.ts'
import { findGivenFiles, getFileSize, readHead } from './files/find-files.ts'
import { extractTexts, openFile, type TextStream } from './files/open-archive.ts'
import { groupByRotation } from './files/rotation-order.ts'
import type { LogContents } from './log-contents.ts'
import { LogParser } from './log-parser.ts'
import type { Snapshot } from './pieces/snapshots.ts'
import { type ParsedText, parseText, type TextSource } from './read-text.ts'
import type { InputFile, SavedFiles, SavedSnapshot } from './saved-files.ts'
import { NOTHING_UNREAD } from './unread-lines.ts'

export type { InputFile, SavedFiles, SavedSnapshot }

const MAX_SNAPSHOT = 32 << 20 // characters of a listing that are read
const MAX_DRAINED = 2 ** 31 // bytes behind them that are passed over

/** Progress of reading: bytes from disk so far, and the total (null: unknown). */
export type ProgressCallback = (done: number, total: number | null, file: string) => void

/** Reads the files, folders, tarballs; `-` is stdin. @param now milliseconds since 1970. @throws UserError if none of the paths is there */
export async function readSavedFiles(
  paths: readonly string[],
  now: number,
  onProgress: ProgressCallback = () => {},
): Promise<SavedFiles> {
  const found = await findGivenFiles(paths)
  const files = found.flatMap(({ path, problem }) => (problem === null ? [path] : []))
  const total = files.includes('-') ? null : files.reduce((sum, file) => sum + getFileSize(file), 0)
  const reader = new SavedFilesReader(now)
  for (const { path, problem, isGiven } of found) if (problem !== null) reader.addSkipped(path, problem, isGiven)
  let done = 0
  for (const group of groupByRotation([...new Set(files)], readHead)) {
    const parser = new LogParser()
    for (const file of group) {
      await reader.readFile(file, parser, bytes => {
        done += bytes
        onProgress(done, total, file)
      })
    }
    reader.addLog(parser)
  }
  reader.snapshots.sort((a, b) => a.modifiedAt - b.modifiedAt || (a.file < b.file ? -1 : 1))
  return reader
}

class SavedFilesReader implements SavedFiles {
  readonly inputs: InputFile[] = []
  readonly logs: LogContents[] = []
  readonly snapshots: SavedSnapshot[] = []

  private readonly heads = new Map<string, string>() // of each text, as long as its path is being read
  private readonly now: number

  constructor(now: number) {
    this.now = now
  }

  addSkipped(file: string, skipped: string, isLost = false): void {
    const input = { file, format: null, records: 0, skipped, untrustedLines: 0, unread: NOTHING_UNREAD, pieces: [] }
    this.inputs.push(isLost ? { ...input, isLost: true } : input)
  }

  addLog(parser: LogParser): void {
    appendAll(
      this.logs,
      parser.finishLog().filter(({ files }) => files.length > 0),
    )
  }

  /** Reads one path. Its text, unless it is a tarball, continues the log that the path belongs to. */
  async readFile(path: string, parser: LogParser, onRead: (bytes: number) => void): Promise<void> {
    const tarLogs = new Map<string, readonly LogContents[]>()
    try {
      for await (const text of extractTexts(openFile(path, this.now), onRead)) {
        if (!text.name.startsWith(`${path}:`)) await this.readText(text, parser)
        else tarLogs.set(text.name, await this.readSeparateLog(text))
      }
    } catch (error) {
      this.addSkipped(path, describeError(error))
    }
    await this.addTarLogs(path, tarLogs)
    this.heads.clear()
  }

  private async readSeparateLog(text: TextStream): Promise<readonly LogContents[]> {
    const parser = new LogParser()
    await this.readText(text, parser)
    return parser.finishLog()
  }

  // Texts of a tarball come in any order. Those of one log are read once more, in theirs.
  private async addTarLogs(path: string, contents: ReadonlyMap<string, readonly LogContents[]>): Promise<void> {
    const logs = [...contents].flatMap(([name, [first]]) => (first!.files.length > 0 ? [name] : []))
    const groups = groupByRotation(logs, name => this.heads.get(name) ?? '')
    const isSplit = (group: readonly string[]): boolean => group.length > 1 && path !== '-'
    for (const name of groups.filter(group => !isSplit(group)).flat()) appendAll(this.logs, contents.get(name)!)
    for (const parser of await this.rereadLogs(path, groups.filter(isSplit))) this.addLog(parser)
  }

  // Each pass reads every log in order. A pass may end at damage that was reported already.
  private async rereadLogs(path: string, groups: readonly (readonly string[])[]): Promise<readonly LogParser[]> {
    const rereader = new SavedFilesReader(this.now)
    const logs = groups.map(names => ({ names: [...names], parser: new LogParser() }))
    const isNext = (name: string): boolean =>
      logs.some(({ names: [next] }) => next === name || next?.startsWith(`${name}:`))
    for (let progressed = true; progressed && logs.some(({ names }) => names.length > 0); ) {
      progressed = false
      try {
        for await (const text of extractTexts(openFile(path, this.now), undefined, isNext)) {
          const log = logs.find(({ names: [next] }) => next === text.name)
          if (!log) continue
          log.names.shift()
          progressed = true
          await rereader.readText(text, log.parser)
        }
      } catch {}
    }
    return logs.map(({ parser: follower }) => follower)
  }

  private async readText(member: TextStream, parser: LogParser): Promise<void> {
    const first: Buffer[] = []
    let length = 0
    let skipped: string | null = null
    const pieces = member.pieces[Symbol.asyncIterator]()
    const readPiece = async (): Promise<Buffer | undefined> => {
      try {
        const { value, done } = await pieces.next()
        return done ? undefined : value
      } catch (error) {
        skipped = `read up to here: ${describeError(error)}`
        return undefined
      }
    }
    while (length < HEAD_SIZE) {
      const piece = await readPiece()
      if (!piece) break
      first.push(piece)
      length += piece.length
    }
    const head = Buffer.concat(first)
    const text = head.toString('latin1', 0, HEAD_SIZE)
    const kind = detectFormat(text)
    this.heads.set(member.name, head.toString('latin1', 0, 128))
    const source = { member, head, readPiece }
    if (typeof kind !== 'string') await this.readSnapshot(source, kind.read, () => skipped)
    else if (kind === 'log') this.addInput(await parseText(source, parser), skipped)
    else {
      const trial = new LogParser() // a log may begin with junk
      const result = await parseText(source, trial)
      if (result.isLog) this.addLog(trial)
      const isUsed = result.isLog || result.pieces.some(({ snapshot }) => snapshot !== null)
      this.addInput(isUsed ? result : { ...result, format: null }, isUsed ? skipped : (skipped ?? kind))
    }
  }

  private addInput({ isLog: _, pieces, snapshots, ...input }: ParsedText, skipped: string | null): void {
    appendAll(this.snapshots, snapshots)
    this.inputs.push({
      ...input,
      skipped: skipped ?? input.skipped,
      pieces: pieces.map(({ snapshot: __, ...piece }) => piece),
    })
  }

  // A text that is one list from its first line to its last.
  private async readSnapshot(
    { member: { name, modifiedAt }, head, readPiece }: TextSource,
    parse: (text: string) => Snapshot,
    getProblem: () => string | null,
  ): Promise<void> {
    let text = head.toString('latin1')
    let bytes = 0
    for (let piece = await readPiece(); piece && bytes < MAX_DRAINED; piece = await readPiece()) {
      bytes += piece.length
      if (text.length < MAX_SNAPSHOT) text += piece.toString('latin1')
    }
    const records = text.split('\n').length - 1
    const snapshot = parse(text.replaceAll('\r\n', '\n'))
    this.snapshots.push({ file: name, modifiedAt, snapshot })
    const cut = text.length >= MAX_SNAPSHOT ? `only its first ${MAX_SNAPSHOT >> 20} MiB were read` : null
    const skipped = getProblem() ?? cut
    this.inputs.push({
      file: name,
      format: snapshot.kind,
      records,
      skipped,
      untrustedLines: 0,
      unread: NOTHING_UNREAD,
      pieces: [],
    })
  }
}

const describeError = (error: unknown): string => getErrorMessage(error)
