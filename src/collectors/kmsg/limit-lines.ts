// Lines that report a table or a limit of the kernel that is full, swap that fails, and pages that are damaged.
import type { PatternTable } from '../../base/match-patterns.ts'
import type { SimpleEvent } from './memory-event.ts'

const create = (kind: SimpleEvent['kind'], subject?: string): SimpleEvent => ({
  kind,
  subject: subject ?? null,
  count: null,
})

/** In order of precedence. */
export const LIMIT_LINES: PatternTable<SimpleEvent> = [
  [/^(?:nf_conntrack: )+table full, dropping packet|^ip_conntrack: table full/, () => create('conntrack-full')],
  [/^TCP: out of memory -- consider tuning tcp_mem/, () => create('tcp-memory')],
  // TCP: too many orphaned sockets        3.x: too many of orphaned sockets        up to 3.2, also for tcp_mem: Out of socket memory
  [/^(?:TCP: )?too many (?:of )?orphaned sockets|^(?:TCP: )?Out of socket memory\b/, () => create('tcp-orphans')],
  // neighbour: arp_cache: neighbor table overflow!            up to 4.x: Neighbour table overflow.         ipv6: Neighbour table overflow
  [/^neighbour: (\w{1,32}): neighbou?r table overflow/, m => create('neighbours-full', m[1])],
  [/^(?:ipv[46]: )?neighbou?r table overflow/i, () => create('neighbours-full')],
  // Route cache is full: consider increasing sysctl net.ipv6.route.max_size.         up to 5.x: dst cache overflow
  [/^(?:\w{1,16}: )?(?:Route cache is full: consider|dst cache overflow)/, () => create('route-cache-full')],
  // VFS: file-max limit 9830400 reached
  [/^VFS: file-max limit (\d{1,20}) reached/, m => ({ ...create('file-limit'), count: Number(m[1]) })],
  // Read-error on swap-device (8:0:123456)          Write-error on swap-device (252:0:1234)
  [/^(?:Read|Write)-error on swap-device \(([\d:]{1,40})/, m => create('swap-error', m[1])],
  // BUG: Bad page state in process java  pfn:12345       BUG: Bad page map in process …       BUG: Bad rss-counter state mm:…
  [/^BUG: Bad (page (?:state|map|cache)|rss-counter state)\b/, m => create('bad-page', m[1])],
  // get_swap_device: Bad swap file entry 58025a5a5a5a5a5a         swap_info_get: Bad swap offset entry 3ffffffffffff
  [
    /^(?:\w{1,40}: )?(?:Bad swap (?:file|offset)|Unused swap offset) entry [0-9a-f]/,
    () => create('bad-page', 'swap entry'),
  ],
]
