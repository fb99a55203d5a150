// The Mem-Info block where it is odd: large pages, zones in pieces, lines that dmesg indents.
import { expect, test } from 'vitest'
import type { MemInfoBlock } from '../../../../src/collectors/kmsg/oom/mem-info-block.ts'
import { estimatePageSize } from '../../../../src/collectors/kmsg/oom/page-size.ts'
import { createRecords, findKills } from '../captures.ts'

const KILLED =
  'Out of memory: Killed process 7 (hog) total-vm:900000kB, anon-rss:512000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:64kB oom_score_adj:0'
const SUMMARY =
  'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=hog,pid=7,uid=0'
const HEAD = 'hog invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0'

const infoOf = (...lines: readonly string[]): MemInfoBlock => {
  const [kill] = findKills(createRecords(HEAD, 'Mem-Info:', ...lines, SUMMARY, KILLED))
  return kill!.memInfo!
}

test('pages of 64 KiB are known by the smallest block', () => {
  const info = infoOf(
    'Node 0 Normal: 12*64kB (UME) 3*128kB (UM) 0*256kB 0*512kB 0*1024kB 0*2048kB 0*4096kB = 1152kB',
    '65536 pages RAM',
  )
  expect(info).toMatchObject({ pageSize: 65_536, pages: { RAM: 65_536 }, zones: [{ name: 'Normal', node: 0 }] })
})

test.each([
  ['4 KiB', 128_000, 4096],
  ['64 KiB', 8000, 65_536],
  ['nothing that fits', 50_000, null],
  ['too little to tell', 12, null],
])('… else by what the victim held in pages and in kB: %s', (_, rss, pageSize) => {
  const rows = [
    '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    `[      7]     0     7   225000 ${rss}    65536        0             0 hog`,
  ]
  const [kill] = findKills(createRecords(HEAD, 'Mem-Info:', ...rows, SUMMARY, KILLED))
  expect(estimatePageSize(kill!)).toBe(pageSize)
})

test('zones that came in pieces are of the node that was named before', () => {
  const zone = 'Normal free:24148kB min:65640kB low:129584kB high:193528kB present:65011712kB managed:63949432kB'
  const { zones } = infoOf(
    'Node 1 ',
    zone,
    'lowmem_reserve[]:',
    ' 0',
    ' 0',
    'Node 1 ',
    'Normal: ',
    '0*4kB ',
    '1*8kB ',
    '(U) ',
  )
  expect(zones).toEqual([expect.objectContaining({ node: 1, name: 'Normal', free: 24_148 * 1024, blocks: null })])
})

test('a kernel without NUMA names no node', () => {
  const { zones } = infoOf('DMA free:519112kB boost:7216kB min:10428kB low:11228kB high:12028kB present:786432kB')
  expect(zones).toEqual([expect.objectContaining({ node: null, name: 'DMA', min: 10_428 * 1024 })])
})

test('further lines may be indented', () => {
  const { pages } = infoOf(
    'active_anon:239 inactive_anon:6955 isolated_anon:0',
    `${' '.repeat(16)}free:13255 free_pcp:0`,
  )
  expect(pages).toMatchObject({ active_anon: 239, free: 13_255 })
})
