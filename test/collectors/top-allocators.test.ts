// Long lists of allocators: vmalloc by caller, lines of code; and what is recorded of them.
import { describe, expect, test } from 'vitest'
import { allocinfo, parseAllocinfo } from '../../src/collectors/allocinfo.ts'
import { NO_ALLOCATORS, parseSumLines, truncateSums } from '../../src/collectors/top-allocators.ts'
import { parseVmallocinfo, vmallocinfo } from '../../src/collectors/vmallocinfo.ts'
import { readFixture, session } from '../fixtures.ts'
import { createHost } from '../sampling/fake-host.ts'

const AREAS = `0x0000000050636da1-0x000000009ecbb11d   12288 acpi_os_map_iomem+0x1bc/0x1e0 phys=0x000000000009f000 ioremap
0x00000000bdc96720-0x00000000d763d77b   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
0x00000000bdc96720-0x00000000d763d77b   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=4
0x00000000a087944f-0x000000003d72b875    8192 unpurged vm_area
0xffffc90000006000-0xffffc90000009000   12288 module_alloc+0x5a/0x100 [nf] pages=2 vmalloc
`

describe('vmallocinfo', () => {
  test('is summed by caller; only areas with pages count, without the guard page', () => {
    expect(parseVmallocinfo(AREAS)).toEqual([
      { name: 'kernel_clone', bytes: 32_768, count: 2 },
      { name: 'module_alloc', bytes: 8192, count: 1 },
    ])
  })

  test('is read if the kernel cannot hash addresses yet, or hides them', () => {
    const unhashed = AREAS.replace(/0x[0-9a-f]{16}-0x[0-9a-f]{16}/g, '0x(____ptrval____)-0x(____ptrval____)')
    expect(parseVmallocinfo(unhashed)).toEqual(parseVmallocinfo(AREAS))
    expect(parseVmallocinfo(AREAS.replace(/0x[0-9a-f]{16}-/g, '0x0000000000000000-'))).toEqual(parseVmallocinfo(AREAS))
  })

  test('of a real kernel equals its recorded sums', () => {
    const sums = parseVmallocinfo(readFixture('6.18', '/proc/vmallocinfo'))
    expect(sums.find(({ name }) => name === 'kernel_clone')?.bytes).toBeGreaterThan(16_384)
    expect(parseVmallocinfo(truncateSums(sums)).filter(({ bytes }) => bytes > 0)).toEqual(sums)
  })

  test('is recorded as sums', () => {
    const files = vmallocinfo.openReader(createHost({ '/proc/vmallocinfo': AREAS }))(0, false)
    expect(files['/proc/vmallocinfo']).toBe('32768 2 kernel_clone\n8192 1 module_alloc\n0 0 (others)\n')
  })
})

describe('allocinfo', () => {
  const TEXT = `allocinfo - version: 1.0
#     <size>  <calls> <tag info>
           0        0 init/main.c:1314 func:do_initcalls
      331776       81 mm/slub.c:2424 func:alloc_slab_page
        4096        1 drivers/net/x.c:12 [x] func:x_ring
`
  test('names lines of code, without those that hold no memory', () => {
    expect(parseAllocinfo(TEXT).map(({ name }) => name)).toEqual([
      'mm/slub.c:2424 func:alloc_slab_page',
      'drivers/net/x.c:12 [x] func:x_ring',
    ])
  })

  test('keeps the history of each', () => {
    const grown = TEXT.replace('331776', '931776')
    const fold = (memory: typeof NO_ALLOCATORS, text: string, time: number) =>
      allocinfo.applyFiles(memory, { '/proc/allocinfo': text }, time, session)
    const { list, total } = fold(fold(NO_ALLOCATORS, TEXT, 0), grown, 60_000)
    expect([list[0]!.series.values, total]).toEqual([[331_776, 931_776], 935_872])
  })
})

test('of thousands the largest are kept, and the rest is one sum', () => {
  const sums = Array.from({ length: 500 }, (_, i) => ({ name: `f${i}`, bytes: 1000 - i, count: 1 }))
  const lines = [...parseSumLines(truncateSums(sums))]
  expect(lines).toHaveLength(61)
  expect(lines.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sums.reduce((sum, { bytes }) => sum + bytes, 0))
})
