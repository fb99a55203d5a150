// PieceSplitter: takes a text apart into a log and the texts of kernel files and programs that people paste beside it.
import { getErrorMessage } from '../../../base/errors.ts'
import { isNodeFile } from '../../../sampling/via/node-file.ts'
import type { LineSink } from '../lines/line-finder.ts'
import type { LogParser } from '../log-parser.ts'
import { isProgramWord } from '../program-words.ts'
import { listJobKills } from './batch-job.ts'
import { listReportedKills, type ReportedKill } from './kubectl-describe.ts'
import type { PieceKind } from './piece-kind.ts'
import { findPieceKind, isHeading } from './piece-kinds.ts'
import type { Snapshot } from './snapshots.ts'
import { listUnitKills } from './unit-status.ts'

/** A part of a text that is no log. */
export interface Piece {
  /** meminfo, slabtop … */
  readonly kind: string
  /** lines of the file */
  readonly first: number
  readonly last: number
  /** null: it could not be read, see `problem` */
  readonly snapshot: Snapshot | null
  readonly problem: string | null
}

interface OpenPiece {
  readonly kind: PieceKind
  /** what a further line looks like */
  readonly line: RegExp
  readonly first: number
  last: number
  /** of lines */
  readonly lines: string[]
  length: number
}

const MAX_PIECE = 32 << 20 // characters of a piece that are read
const MAX_PIECES = 1000

/** Gives each line to the piece it belongs to, or to the log. */
export class PieceSplitter implements LineSink {
  readonly pieces: Piece[] = []
  /** lines that the log got */
  logLines = 0
  private open: OpenPiece | undefined
  private isOtherPressure = false // the file that follows
  private isNodeFile = false // kernel files follow the kernel log for as long as it was written
  private readonly log: LogParser

  constructor(log: LogParser) {
    this.log = log
  }

  get needsEveryLine(): boolean {
    return this.isNodeFile || this.open !== undefined || this.log.needsEveryLine
  }

  consumeLine(bytes: string, number: number): void {
    if (number === 1) this.isNodeFile = isNodeFile(bytes)
    const line = toFileHeading(stripQuote(bytes))
    if (this.open && this.addLine(this.open, line, number)) return
    this.closePiece()
    this.isOtherPressure = line.includes('pressure')
      ? OTHER_PRESSURE.test(line)
      : this.isOtherPressure && /^(?:some|full) avg/.test(line)
    const kind = this.findKind(line)
    if (kind) {
      this.log.interrupt()
      this.open = openPiece(kind, kind.begin.test(line) ? line : line.trimStart(), number)
    } else if (!this.log.isInMessage && isHeading(line) && !isProgramWord(line)) this.log.interrupt()
    else {
      this.logLines++
      this.log.consumeLine(bytes, number)
    }
  }

  private findKind(line: string): PieceKind | undefined {
    if (this.log.isInMessage || this.pieces.length >= MAX_PIECES) return undefined
    const kind = findPieceKind(line) ?? (/^[ \t]/.test(line) ? findPieceKind(line.trimStart()) : undefined)
    if (kind?.name === 'memory pressure' && this.isOtherPressure) return undefined
    return kind?.name === 'memory.stat' && this.log.isInReport ? undefined : kind // a report has the same lines
  }

  finishText(): void {
    this.closePiece()
    this.log.finishText()
  }

  private addLine(piece: OpenPiece, line: string, number: number): boolean {
    const fitting = [line, line.trimStart()].find(text => piece.line.test(text))
    if (fitting === undefined) return false
    piece.last = number
    piece.length += line.length + 1
    if (piece.length < MAX_PIECE) piece.lines.push(fitting)
    return true
  }

  private closePiece(): void {
    const { open } = this
    this.open = undefined
    if (!open) return
    const { kind, first, last, lines } = open
    const place = { kind: kind.name, first, last }
    const cut = open.length >= MAX_PIECE ? `only its first ${MAX_PIECE >> 20} MiB were read` : null
    try {
      const snapshot = kind.parse(`${lines.join('\n')}\n`)
      if (!snapshot) return
      this.pieces.push({ ...place, snapshot, problem: cut })
      for (const kill of listSnapshotKills(snapshot)) this.log.addProgramKill(kill, first)
    } catch (error) {
      this.pieces.push({ ...place, snapshot: null, problem: getErrorMessage(error) })
    }
  }
}

function listSnapshotKills(snapshot: Snapshot): readonly ReportedKill[] {
  if (snapshot.kind === 'unit status') return listUnitKills(snapshot)
  if (snapshot.kind === 'batch job') return listJobKills(snapshot)
  return snapshot.kind === 'kubectl describe' ? listReportedKills(snapshot) : []
}

const openPiece = (kind: PieceKind, begin: string, number: number): OpenPiece => ({
  kind,
  line: typeof kind.line === 'function' ? kind.line(begin) : kind.line,
  first: number,
  last: number,
  lines: [begin],
  length: begin.length,
})

// $ cat /proc/pressure/cpu       ==> /sys/fs/cgroup/app/io.pressure <==          its lines look like those of memory
const OTHER_PRESSURE = /^(?!.*memory).{0,300}(?:pressure\/(?:cpu|io|irq)|\b(?:cpu|io|irq)\.pressure)\b/

// $ cat /sys/fs/cgroup/app/memory.max          says whose number the next line is, as head and tail do
const CAT = /^[\w.@~:/ ()[\]-]{0,80}[$#] (?:sudo )?cat ([^\s|;&*?<>]{0,1000}memory\.[a-z_.]{1,40})$/

const toFileHeading = (line: string): string => {
  const file = line.length < 1200 && line.includes(' cat ') ? CAT.exec(line)?.[1] : undefined
  return file === undefined || file.endsWith('.slabinfo') ? line : `==> ${file} <==`
}

// > MemTotal: …      a tab or blanks before it are no part of it either, but those of some tables are
const stripQuote = (bytes: string): string => {
  const line = bytes.charCodeAt(0) === 0x3e ? bytes.replace(/^(?:> ?)+/, '') : bytes
  return line.endsWith(' ') || line.endsWith('\t') ? line.trimEnd() : line
}
