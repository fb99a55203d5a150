// Names of gfp masks from before kernels printed them.
import { expect, test } from 'vitest'
import { formatGfpMask } from '../../../../src/collectors/kmsg/oom/gfp-mask.ts'

test.each([
  // 3.10
  ['0xd0', 'GFP_KERNEL'],
  ['0x201da', 'GFP_HIGHUSER_MOVABLE|__GFP_COLD'],
  ['0x280da', 'GFP_HIGHUSER_MOVABLE|__GFP_ZERO'],
  ['0x50', 'GFP_NOFS'],
  ['0x20', 'GFP_ATOMIC'],
  ['0x104020', 'GFP_ATOMIC|__GFP_COMP|0x100000'],
  // 4.4
  ['0x24000c0', 'GFP_KERNEL'],
  ['0x24201ca', 'GFP_HIGHUSER_MOVABLE|__GFP_COLD'],
  ['0x2080020', 'GFP_ATOMIC'],
  ['0x26040c0', 'GFP_KERNEL|__GFP_COMP|__GFP_NOTRACK'],
])('%s of an older kernel gets the names of its bits', (printed, names) => {
  expect(formatGfpMask(printed)).toBe(`${printed}(${names})`)
})

test.each(['0xcc0(GFP_KERNEL)', '0x0', 'unknown'])('%s has its names already, or none, and stays', printed => {
  expect(formatGfpMask(printed)).toBe(printed)
})
