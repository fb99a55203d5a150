// Groups of files and directories of a far node as requests, and the texts of their answers.
import type { Answer } from './answer.ts'
import { parseFiles } from './parse-answers.ts'
import type { PathWords } from './path-words.ts'

/** Each answer with files begins with this one. */
export const UPTIME = '/proc/uptime'

/** Paths that are asked for together. */
export interface FileGroup {
  readonly files: readonly string[]
  readonly directories: readonly string[]
  readonly count: number
}

/** The requests for a group. */
export interface EncodedGroup {
  readonly requests: readonly string[]
  /** the files of each request; a request for each directory follows */
  readonly batches: readonly (readonly string[])[]
}

/**
 * Encodes a group. The script tests first whether a doubtful directory exists: that starts no program.
 * @param root the directory over there that holds the paths
 */
export function encodeGroup(
  { files, directories }: FileGroup,
  root: string,
  isDoubtful: (directory: string) => boolean,
  words: PathWords,
): EncodedGroup {
  const far = files.filter(path => root !== '' || path !== UPTIME).map(path => `${root}${path}`)
  const encoded = words.encode(files.length > 0 && far.length === 0 ? ['/proc/version'] : far)
  const lists = directories.map(path => `${isDoubtful(path) ? 'W' : 'N'} # ${root}${path}`)
  return {
    requests: [...encoded.map(({ words: text }) => `L # ${text}`), ...lists],
    batches: encoded.map(({ paths }) => paths),
  }
}

/** The texts of all batches of a group, by the path over there. */
export function readTexts(batches: EncodedGroup['batches'], answers: readonly Answer[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const [i, paths] of batches.entries())
    for (const [path, text] of parseFiles(answers[i]!.text, [UPTIME, ...paths])) texts.set(path, text)
  return texts
}
