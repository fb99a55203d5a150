// The first sample of a node, rehearsed. Readers that are thrown away afterwards say what they will read, and that is fetched together in a
// few rounds. Otherwise each of about a hundred files would take a round trip.
import type { Host } from '../../collectors/collector.ts'
import type { FarTree } from './far-tree.ts'
import { createHostError } from './link/link-error.ts'

/** The files that were asked for and are not fetched yet. Paths that end in `/` are directories to list. */
export interface MissingReads {
  readonly paths: Set<string>
  /** links whose target is unknown */
  readonly links: Set<string>
  /** paths that gave nothing, and nobody knows why */
  readonly codes: Set<string>
  /** cgroup trees to list */
  readonly trees: Set<string>
  /** the kernel log, to be opened */
  readonly logs: Set<string>
}

/** What has been fetched. */
export interface FetchedReads {
  readonly processes: Host['processes']
  /** undefined: not fetched; `text` undefined: not there */
  peekFile(path: string): { readonly text: string | undefined } | undefined
  /** undefined: not listed; null: not there */
  peekListing(directory: string): ReadonlyMap<string, string | undefined> | null | undefined
  /** undefined: not fetched; null: no link */
  peekLink(path: string): string | null | undefined
  /** why a path gave nothing, where that is known */
  peekCode(path: string): string | undefined
  /** the listed tree that a path is in */
  peekTree(path: string): FarTree | undefined
  /** whether a listing was tried: a tree that is not there is not asked for again */
  isListed(root: string): boolean
  /** whether opening the log was tried */
  isLogOpen(): boolean
}

/** Rounds at most: mounts name a tree, its directories have files, and what these say may ask for more. */
export const MAX_ROUNDS = 10

/** Returns an empty list of reads. */
export const createMissingReads = (): MissingReads => ({
  paths: new Set(),
  links: new Set(),
  codes: new Set(),
  trees: new Set(),
  logs: new Set(),
})

/** Returns whether a rehearsal had everything that it read. */
export const isNothingMissing = ({ paths, links, codes, trees, logs }: MissingReads): boolean =>
  paths.size + links.size + codes.size + trees.size + logs.size === 0

const throwAbsent = (call: string, path: string): never => {
  throw createHostError('ENOENT', call, path)
}

/** A host that answers with what has been fetched, and notes in `missing` what has not. A file that is missing is empty meanwhile. */
export function createRehearsalHost(fetched: FetchedReads, missing: MissingReads): Host {
  const refuse = (call: string, path: string): never => {
    const code = fetched.peekCode(path)
    if (code === undefined) missing.codes.add(path)
    throw createHostError(code ?? 'ENOENT', call, path)
  }
  const findTree = (path: string): FarTree => {
    const tree = fetched.peekTree(path)
    if (tree) return tree
    if (fetched.isListed(path)) return refuse('stat', path)
    missing.trees.add(path)
    throw createHostError('ENOENT', 'stat', path)
  }
  return {
    processes: fetched.processes,
    readFile: path => {
      const file = fetched.peekFile(path)
      if (!file) missing.paths.add(path)
      return file ? (file.text ?? refuse('open', path)) : ''
    },
    listDirectory: path => {
      const directory = path.endsWith('/') ? path : `${path}/`
      const names = fetched.peekListing(directory)
      if (names === undefined) missing.paths.add(directory)
      return names === null ? refuse('scandir', path) : [...(names ?? new Map()).keys()]
    },
    readLink: path => {
      const target = fetched.peekLink(path)
      if (target === undefined) missing.links.add(path)
      return target ?? undefined
    },
    statFile: path => findTree(path).stat(path) ?? throwAbsent('stat', path),
    listSubdirectories: path => findTree(path).list(path) ?? throwAbsent('scandir', path),
    drainDevice: path => {
      if (!fetched.isLogOpen()) missing.logs.add(path)
      return ''
    },
    watchDirectory: () => undefined,
    link: {
      beginSample: () => undefined,
      rehearse: () => undefined,
      prefetch: paths => {
        for (const path of paths) if (!fetched.peekFile(path)) missing.paths.add(path)
      },
      takeCost: () => 0,
      sampledAt: 0,
      failure: undefined,
    },
  }
}
