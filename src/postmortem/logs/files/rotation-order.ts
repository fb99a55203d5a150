// Orders files by their contents: rotations of one log oldest first, parts of a crash record from its start. Pure.

/** The position of a file: files with the same `log` are one log, in the order of `place`. */
export interface RotationPosition {
  readonly log: string
  readonly position: number
}

// messages-20261101.gz, kern.log.2.gz, dmesg.0
const ROTATED = /^(.*?)(?:[-.](\d{8}(?:-\d{2,6})?|\d{1,3}))?(?:\.(?:gz|xz|zst|bz2|txt)){0,3}$/

/** Parses the rotation in a name. A higher number is older, a date is explicit, and a name with neither is the newest. */
export function parseRotation(path: string): RotationPosition {
  const slash = path.lastIndexOf('/') + 1
  const [, base = '', mark] = ROTATED.exec(path.slice(slash)) ?? []
  const log = path.slice(0, slash) + base
  const crash = CRASH_RECORD.exec(path.slice(slash))
  if (crash) return parseCrashPart(path, crash[1] === 'efi' ? crash[2] : undefined)
  if (mark === undefined) return { log, position: Number.MAX_SAFE_INTEGER }
  return { log, position: mark.length >= 8 ? Number(mark.replace('-', '').padEnd(14, '0')) : -Number(mark) }
}

// dmesg-efi-170000000001001, dmesg-efi_pstore-…, dmesg-ramoops-0
const CRASH_RECORD = /^dmesg-(ramoops|efi|erst)(?:_pstore)?-?(\d+)?/

// EFI variables are small: a dump is split into parts, and the first has the newest lines. Their number is (time * 100 + part) *
// 1000 + count, says drivers/firmware/efi/efi-pstore.c. Records of other stores say themselves which part they are.
function parseCrashPart(path: string, number: string | undefined): RotationPosition {
  if (number === undefined || number.length <= 5) return { log: path, position: 0 }
  const [time, part, count] = [number.slice(0, -5), number.slice(-5, -3), number.slice(-3)]
  return { log: `${path.slice(0, path.lastIndexOf('/') + 1)}dmesg-efi-${time}-${count}`, position: -Number(part) }
}

// Panic#2 Part1       the first line of a record, says fs/pstore/platform.c: reason, number of the dump, part
const PART = /^(\w+#\d+) Part(\d+)\r?\n/

function parsePstoreHeader(path: string, head: string): RotationPosition | undefined {
  const [, dump, part] = PART.exec(head) ?? []
  return dump === undefined
    ? undefined
    : { log: `${path.slice(0, path.lastIndexOf('/') + 1)}${dump}`, position: -Number(part) }
}

/** Paths grouped by log, each group oldest first. @param readHead the first characters of a file that may be a crash record */
export function groupByRotation(
  paths: readonly string[],
  readHead: (path: string) => string = () => '',
): readonly (readonly string[])[] {
  const positioned = paths.map(path => {
    const own = parseRotation(path)
    const isRecord = CRASH_RECORD.test(path.slice(path.lastIndexOf('/') + 1)) && own.log === path
    return { path, ...own, ...(isRecord ? parsePstoreHeader(path, readHead(path)) : {}) }
  })
  const groups = Map.groupBy(positioned, ({ log }) => log)
  return [...groups.values()].map(group => group.toSorted((a, b) => a.position - b.position).map(({ path }) => path))
}
