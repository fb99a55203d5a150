// Describes a file that is not a recording, from its first bytes.
import { UserError } from '../base/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { decodeLine, FORMAT_VERSION } from './line-codec.ts'
import { decodeFirstLine } from './recording-part.ts'

const HEAD_BYTES = 4096
const ZSTD_HEAD_BYTES = 2 ** 18

/** Describes content that is not a recording; names the wrong field if it nearly is one. */
export function describeContent({ size, readAt }: ByteSource): string {
  if (size === 0) return 'it is empty'
  const head = readAt(0, HEAD_BYTES)
  if (head.length === 0) return 'nothing can be read from it'
  if (head.readUIntBE(0, Math.min(2, head.length)) === 0x1f8b) return 'it is a gzip file; unpack it first'
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return describeZstd(readAt(0, ZSTD_HEAD_BYTES))
  return describeText(head)
}

function describeText(head: Buffer): string {
  const text = head.toString('latin1')
  const problem = describeHeaderProblem(head.toString('utf8').split('\n', 1)[0]!)
  if (problem !== undefined) return problem
  if (/^\s{0,99}(?:\{|\[\s{0,99}-?\d[\d.]*\s{0,99},)/.test(text)) return 'its first line is no header {"kmemtop":1,…}'
  return /[^\x20-\x7e\s]/.test(text.slice(0, 512)) ? 'it is some other kind of binary file' : OTHER_TEXT
}

const OTHER_TEXT = 'it is some other text; saved logs are read by kmemtop analyze, and by replay as a file'

// Describes what is wrong with a line that begins like a header; undefined for any other line.
function describeHeaderProblem(line: string): string | undefined {
  const version = /^\{"kmemtop":\s{0,9}([^,}]+)/.exec(line)?.[1]
  if (version === undefined) return undefined
  if (version !== String(FORMAT_VERSION)) return describeVersion(version)
  try {
    decodeLine(line, 1)
    return undefined
  } catch (error) {
    return error instanceof UserError ? error.message : undefined
  }
}

const describeVersion = (version: string): string =>
  `it has format ${version.slice(0, 20)}, this kmemtop reads format ${FORMAT_VERSION}; a newer kmemtop may read it`

function describeZstd(start: Buffer): string {
  const line = decodeFirstLine(start)
  if (line === undefined) return 'it is a zstd file that is damaged at its beginning'
  return describeHeaderProblem(line) ?? 'it is a zstd file of something else'
}
