// Names of the bits in a gfp mask. The kernel prints them itself since 4.6. Follows include/linux/gfp.h of 3.10 to 4.5.

// 4.4 split __GFP_WAIT in two
const WAIT = 0x10
const DIRECT = 0x400000
const KSWAPD = 0x2000000

const COMMON_FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0x01, '__GFP_DMA'],
  [0x02, '__GFP_HIGHMEM'],
  [0x04, '__GFP_DMA32'],
  [0x08, '__GFP_MOVABLE'],
  [0x20, '__GFP_HIGH'],
  [0x40, '__GFP_IO'],
  [0x80, '__GFP_FS'],
  [0x100, '__GFP_COLD'],
  [0x200, '__GFP_NOWARN'],
  [0x400, '__GFP_REPEAT'],
  [0x800, '__GFP_NOFAIL'],
  [0x1000, '__GFP_NORETRY'],
  [0x2000, '__GFP_MEMALLOC'],
  [0x4000, '__GFP_COMP'],
  [0x8000, '__GFP_ZERO'],
  [0x10000, '__GFP_NOMEMALLOC'],
  [0x20000, '__GFP_HARDWALL'],
  [0x40000, '__GFP_THISNODE'],
  [0x200000, '__GFP_NOTRACK'],
  [0x800000, '__GFP_OTHER_NODE'],
  [0x1000000, '__GFP_WRITE'],
]
const FLAGS_BEFORE_4_4: typeof COMMON_FLAGS = [
  [WAIT, '__GFP_WAIT'],
  [0x80000, '__GFP_RECLAIMABLE'],
  [DIRECT, '__GFP_NO_KSWAPD'],
]
const FLAGS_SINCE_4_4: typeof COMMON_FLAGS = [
  [0x10, '__GFP_RECLAIMABLE'],
  [0x80000, '__GFP_ATOMIC'],
  [DIRECT, '__GFP_DIRECT_RECLAIM'],
  [KSWAPD, '__GFP_KSWAPD_RECLAIM'],
]

// the kernel's names for combinations of bits; combinations of the most bits come first
const listCompositeFlags = (waits: number, atomic: number): typeof COMMON_FLAGS => [
  [waits | 0x200ca, 'GFP_HIGHUSER_MOVABLE'],
  [waits | 0x200c2, 'GFP_HIGHUSER'],
  [waits | 0x200c0, 'GFP_USER'],
  [waits | 0xc0, 'GFP_KERNEL'],
  [waits | 0x40, 'GFP_NOFS'],
  [waits, 'GFP_NOIO'],
  [atomic, 'GFP_ATOMIC'],
]

/** Adds names to a printed mask that has none: `0xd0` -> `0xd0(GFP_KERNEL)`. Unknown bits stay hexadecimal. */
export function formatGfpMask(printed: string): string {
  return /^0x[0-9a-f]{1,7}$/.test(printed) && Number(printed) !== 0
    ? `${printed}(${listGfpFlagNames(Number(printed)).join('|')})`
    : printed
}

function listGfpFlagNames(mask: number): readonly string[] {
  const isSplit = (mask & KSWAPD) !== 0 || (mask & (DIRECT | WAIT)) === DIRECT
  const table = isSplit
    ? [...listCompositeFlags(DIRECT | KSWAPD, KSWAPD | 0x80020), ...FLAGS_SINCE_4_4]
    : [...listCompositeFlags(WAIT, 0x20), ...FLAGS_BEFORE_4_4]
  const names: string[] = []
  let remaining = mask
  for (const [bits, name] of [...table, ...COMMON_FLAGS]) {
    if ((remaining & bits) !== bits) continue
    names.push(name)
    remaining &= ~bits
  }
  return remaining === 0 ? names : [...names, `0x${remaining.toString(16)}`]
}
