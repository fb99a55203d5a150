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
  const crash = CRASH_RECORD.exec(path.slice(slash))
  if (crash) return crashPart(path, crash[1] === 'efi' ? crash[2] : undefined)
  if (mark === undefined) return { log, place: Number.MAX_SAFE_INTEGER }
  return { log, place: mark.length >= 8 ? Number(mark.replace('-', '').padEnd(14, '0')) : -Number(mark) }
}

// dmesg-efi-170000000001001, dmesg-efi_pstore-…, dmesg-ramoops-0
const CRASH_RECORD = /^dmesg-(ramoops|efi|erst)(?:_pstore)?-?(\d+)?/

// EFI variables are small: a dump lies in parts, the first of them the newest lines. Their number is (time * 100 + part) *
// 1000 + count, says drivers/firmware/efi/efi-pstore.c. Records of other stores say themselves which part they are.
function crashPart(path: string, number: string | undefined): Rotation {
  if (number === undefined || number.length <= 5) return { log: path, place: 0 }
  const [time, part, count] = [number.slice(0, -5), number.slice(-5, -3), number.slice(-3)]
  return { log: `${path.slice(0, path.lastIndexOf('/') + 1)}dmesg-efi-${time}-${count}`, place: -Number(part) }
}

// Panic#2 Part1       the first line of a record, says fs/pstore/platform.c: reason, number of the dump, part
const PART = /^(\w+#\d+) Part(\d+)\r?\n/

function partIn(path: string, head: string): Rotation | undefined {
  const [, dump, part] = PART.exec(head) ?? []
  return dump === undefined
    ? undefined
    : { log: `${path.slice(0, path.lastIndexOf('/') + 1)}${dump}`, place: -Number(part) }
}

/** Paths grouped by log, each group oldest first. @param headOf the first characters of a file that may be a crash record */
export function inOrder(
  paths: readonly string[],
  headOf: (path: string) => string = () => '',
): readonly (readonly string[])[] {
  const placed = paths.map(path => {
    const own = rotationOf(path)
    const isRecord = CRASH_RECORD.test(path.slice(path.lastIndexOf('/') + 1)) && own.log === path
    return { path, ...own, ...(isRecord ? partIn(path, headOf(path)) : {}) }
  })
  const groups = Map.groupBy(placed, ({ log }) => log)
  return [...groups.values()].map(group => group.toSorted((a, b) => a.place - b.place).map(({ path }) => path))
}
