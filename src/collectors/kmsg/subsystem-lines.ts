// Lines in which a part of the kernel says that it got no memory: file systems, drivers, buffers for devices, huge pages.
import type { PatternTable } from '../../base/match-patterns.ts'
import type { SimpleEvent } from './memory-event.ts'

const create = (subject: string | undefined): SimpleEvent => ({
  kind: 'subsystem-without-memory',
  subject: subject ?? null,
  count: null,
})

/** In order of precedence. */
export const SUBSYSTEM_LINES: PatternTable<SimpleEvent> = [
  // XFS: kworker/u16:2(28133) possible memory allocation deadlock size 65552 in kmem_realloc (mode:0x2400240)
  [/^XFS\b.{0,80}\bpossible memory allocation deadlock\b/, () => create('XFS')],
  // Possible memory allocation deadlock: size=65536 lflags=0x42404         SPL, the base of ZFS
  [/^Possible memory allocation deadlock: size=/, () => create('ZFS')],
  // BTRFS: error (device sda1) in btrfs_drop_snapshot:5678: errno=-12 Out of memory      EXT4-fs error (device sda1) in …: Out of memory
  [/^(BTRFS|EXT[234]-fs|JBD2?|F2FS-fs|XFS|GFS2|OCFS2|CIFS|NFS)\b.{0,200}\b[oO]ut of memory\b/, m => create(m[1])],
  // ahci 0000:00:1f.2: swiotlb buffer is full (sz: 65536 bytes), total 32768 (slots), used 32760 (slots)
  [
    /\bswiotlb buffer is full\b|(?:^|: )DMA: Out of SW-IOMMU space\b|^software IO TLB: Cannot allocate/,
    () => create('swiotlb'),
  ],
  // DMA: failed to allocate 256 KiB GFP_KERNEL|GFP_DMA32 pool for atomic allocation
  [/^DMA: failed to allocate \d+ KiB .{0,60} pool for atomic allocation/, () => create('DMA pool')],
  // [drm:amdgpu_cs_ioctl [amdgpu]] *ERROR* Not enough memory for command submission!
  [
    /^\[drm:\w{1,64} \[(\w{1,32})\]\] \*ERROR\* .{0,120}(?:[nN]ot enough memory|[fF]ailed to alloc|ENOMEM|-12\b)/,
    m => create(m[1]),
  ],
  // amdgpu 0000:0b:00.0: amdgpu: (-12) failed to allocate kernel bo         i915 0000:00:02.0: [drm] *ERROR* Failed to allocate …
  [/^(amdgpu|radeon|nouveau|i915|xe|nvidia) [0-9a-f:.]{7,14}: .{0,80}\b[fF]ailed to alloc/, m => create(m[1])],
  // e1000e 0000:00:19.0 eth0: Unable to allocate memory for the receive descriptor ring        vc4-drm soc:gpu: failed to allocate buffer …
  // The address of a device shows that a driver speaks. Not interrupts, names or windows of addresses.
  [
    /^([\w-]{2,32}) (?:[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d|soc:\w{1,16}|[0-9a-f]{6,12}\.[\w-]{1,32}|\d{1,3}-[\d.]{1,12}(?::\d\.\d)?|\d:\d:\d:\d):? .{0,80}\b(?:[fF]ailed to|[uU]nable to|[cC]an't|[cC]annot|[cC]ould(?: not|n't)) (?:re)?alloc(?:ate)?\b(?!.{0,60}\b(?:memory )?(?:region|window|range|resource|space)\b).{0,60}\b(?:memory|buffers?|skbs?|rings?|pages?)\b/,
    m => create(m[1]),
  ],
  // NVRM: failed to allocate vmap() page descriptor table!
  [/^NVRM: .{0,120}(?:failed to allocate|[oO]ut of memory|NV_ERR_NO_MEMORY)/, () => create('nvidia')],
  // md/raid:md0: couldn't allocate 5 buffers
  [/^md\/raid\w{0,4}:.{0,80}(?:couldn't|failed to|cannot) allocate\b/, () => create('md')],
  // zram: Error allocating memory for compressed page: 12345, size=3000
  [/^zram: Error allocating memory\b/, () => create('zram')],
  // eth0: Memory squeeze, dropping packet.
  [/^(\S{1,32}): [mM]emory squeeze, dropping packet/, m => create(m[1])],
  // HugeTLB: allocating 1024 of page size 1.00 GiB failed.  Only allocated 12 hugepages.
  [/^HugeTLB: allocating \d+ of page size .{1,20} failed\b/, () => create('huge pages')],
]
