// Files in the order of what they tell: rotations of one log oldest first, parts of a crash record from its begin. Pure.

/** Where a file belongs: files with the same `log` are one log, told in the order of `place`. */
export interface Rotation {
  readonly log: string
  readonly place: number
}

// messages-20261101.gz, kern.log.2.gz, dmesg.0
const ROTATED = /^(.*?)(?:[-.](\d{8}(?:-\d{2,6})?|\d{1,3}))?(?:\.(?:gz|xz|zst|bz2|txt))*$/

/** The rotation that a name tells. A higher number is older; a date tells itself; without either it is the newest. */
export function rotationOf(path: string): Rotation {
  const slash = path.lastIndexOf('/') + 1
  const [, base = '', mark] = ROTATED.exec(path.slice(slash)) ?? []
  const log = path.slice(0, slash) + base
  if (/^dmesg-(?:ramoops|efi|erst)/.test(path.slice(slash))) return { log: path, place: 0 }
  if (mark === undefined) return { log, place: Number.MAX_SAFE_INTEGER }
  return { log, place: mark.length >= 8 ? Number(mark.replace('-', '').padEnd(14, '0')) : -Number(mark) }
}

/** Paths grouped by log, each group oldest first. */
export function inOrder(paths: readonly string[]): readonly (readonly string[])[] {
  const groups = Map.groupBy(paths, path => rotationOf(path).log)
  return [...groups.values()].map(group => group.toSorted((a, b) => rotationOf(a).place - rotationOf(b).place))
}
