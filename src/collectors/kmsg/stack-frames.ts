// Parses lines of a stack trace: who asked the allocator, and whether a task was reclaiming memory.

// [<ffffffff8118f2e0>] warn_alloc_failed+0x110/0x180          warn_alloc+0x13b/0x1c0          ? get_page+0x1/0x2
// arm:  new_slab from e1000_alloc_rx+0x1/0x2
// POWER: [c000000f2d1df5f0] [c0000000003f3a04] warn_alloc+0x134/0x1c0
// ARM: [<c0123456>] (new_slab) from [<c0123789>] (e1000_alloc_rx+0x1/0x2)        decoded: e1000_alloc_rx (drivers/net/e1000.c:123)
const STACK_FRAME =
  /^\s*(?:\[<?[0-9a-f]{8,16}>?\] ){0,2}(?:\(?[\w.]+(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?\)? from (?:\[<[0-9a-f]+>\] )?\(?)?(\? )?([\w.]+)(?:\+0x[0-9a-f]+\/0x[0-9a-f]+| \([\w./-]+:\d+)/
const ALLOCATOR_FUNCTION =
  /^(?:dump_stack|show_stack|show_trace|dump_backtrace|warn_alloc|__?alloc_|alloc_|__get_free_pages|get_free_pages|get_page|kmalloc|_{2,3}k[mvz]*alloc|unwind_backtrace|__do_kmalloc|kmem_cache_alloc|kmem_getpages|cache_grow|fallback_alloc|____cache|cache_alloc|alternate_node_alloc|allocate_slab|new_slab|___?slab_alloc|__kvmalloc|kvmalloc|krealloc|vmalloc|__vmalloc|page_frag|__page_frag|skb_page_frag|__kmem_cache_alloc|__build_alloc|__kmalloc|refill_objects|refill_sheaf|bulk_alloc|mempool_alloc|__netdev_alloc_frag|netdev_alloc_frag|napi_alloc_frag|new_pages|get_pages|try_fill|__do_page_cache|folio_alloc|vma_alloc|dma_|__dma|__warn)/

/** The function that asked for memory. */
export interface AllocationCaller {
  readonly name: string
  /** the kernel marked the frame with `?`: it may be left over from an earlier call */
  readonly isGuess: boolean
}

/** Returns the function on a stack line if it called the allocator; undefined for the allocator's own functions and other lines. */
export function parseAllocationCaller(text: string): AllocationCaller | undefined {
  const match = STACK_FRAME.exec(text)
  return match && !ALLOCATOR_FUNCTION.test(match[2]!) ? { name: match[2]!, isGuess: match[1] !== undefined } : undefined
}

// RIP: 0010:shrink_lruvec+0x1a0/0x2f0        pc : shrink_node+0x1/0x2        NIP [c000000000210c3c] shrink_slab+0x1/0x2
const INSTRUCTION =
  /^(?:RIP: \w{1,8}:|pc : |NIP \[[0-9a-f]{1,16}\] |PC is at )(?:\[<[0-9a-f]{1,16}>\]\s{1,2}\[<[0-9a-f]{1,16}>\] )?([\w.]+)\+0x/
const RECLAIM_FUNCTION =
  /^(?:shrink_\w+|do_try_to_free_\w+|try_to_free_(?:mem_cgroup_)?pages|balance_pgdat|__alloc_pages_(?:slowpath|direct_\w+)|mem_cgroup_(?:oom_synchronize|out_of_memory|handle_over_high)|try_charge\w*|throttle_direct_reclaim|reclaim_throttle|congestion_wait|wait_iff_congested|compact_zone\w*|out_of_memory)$/

/** Returns the function on a stack line if it reclaims memory or waits for that; undefined for other lines. */
export function parseReclaimFunction(text: string): string | undefined {
  const frame = STACK_FRAME.exec(text)
  const name = frame?.[1] === undefined ? (frame?.[2] ?? INSTRUCTION.exec(text)?.[1]) : undefined
  const plain = name?.replace(/\.(?:constprop|isra|part|cold)\b.*$/, '')
  return plain !== undefined && RECLAIM_FUNCTION.test(plain) ? plain : undefined
}
