// Files that a sample is going to read, for a node over a link: there they are fetched together, in one request.
import type { CgroupFiles } from './cgroup-files.ts'

/** Cgroups that a sample is going to read, by what of each. Paths are full paths. */
export interface ExpectedReads {
  readonly hot: ReadonlySet<string>
  readonly events: readonly string[]
  readonly use: readonly string[]
  readonly slow: readonly string[]
  readonly hotSlow: readonly string[]
}

/** Returns the paths of these files, without those that `shouldRead` refuses. */
export function listExpectedFiles(
  { events, use, limit, slow, hot }: CgroupFiles,
  reads: ExpectedReads,
  shouldRead: (path: string, name: string) => boolean,
): readonly string[] {
  const list = (paths: Iterable<string>, names: readonly string[]): readonly string[] =>
    [...paths].flatMap(path => names.filter(name => shouldRead(path, name)).map(name => `${path}/${name}`))
  return [
    ...list([...reads.hot, ...reads.events], [events]),
    ...list([...reads.hot, ...reads.use], [use]),
    ...list(reads.slow, [limit, ...slow]),
    ...list(reads.hotSlow, [limit, ...slow, ...hot]),
  ]
}

/** Returns the paths of all files of some cgroups, or of the few that are cheap. */
export function listAllFiles(
  { events, use, limit, slow, hot }: CgroupFiles,
  paths: readonly string[],
  isFullRead: boolean,
  shouldRead: (path: string, name: string) => boolean,
): readonly string[] {
  const names = isFullRead ? [events, limit, use, ...slow, ...hot] : [events, limit, use]
  return paths.flatMap(path => names.filter(name => shouldRead(path, name)).map(name => `${path}/${name}`))
}
