// /proc/swaps, zram devices and zswap: where swapped pages go, and what of it is RAM. Follows mm/swapfile.c, drivers/block/zram, mm/zswap.c.
import { ParseError } from '../base/errors.ts'
import { appendPoint, createSeries, type Series } from '../base/series.ts'
import { decodeOctals, decodeUtf8, splitLines } from '../base/text.ts'
import type { Collector, CollectorReader, Files, Host } from './collector.ts'

const SWAPS = '/proc/swaps'
const BLOCK = '/sys/block'
const ZSWAP = '/sys/module/zswap/parameters'
const ZSWAP_FILES = ['enabled', 'zpool', 'compressor', 'max_pool_percent'] as const
/** What a zram device has in place of mm_stat before Linux 4.1, one number each. */
const OLD_ZRAM_FILES = ['orig_data_size', 'compr_data_size', 'mem_used_total'] as const
const DEVICE_LIST_INTERVAL = 60_000 // ms between two listings of block devices

/** A swap area, bytes. */
export interface SwapArea {
  readonly path: string
  /** `partition` or `file` */
  readonly type: string
  readonly size: number
  readonly used: number
  readonly priority: number
}

/** A zram device, bytes. */
export interface ZramDevice {
  readonly name: string
  /** what was written to it */
  readonly original: number
  readonly compressed: number
  /** RAM that it holds */
  readonly used: number
}

/** Swap areas, zswap and zram. */
export interface SwapState {
  readonly areas: readonly SwapArea[]
  readonly zram: readonly ZramDevice[]
  /** zswap's parameters by name: `enabled` is `Y` or `N`, `zpool` its allocator (gone from 6.18 on: zsmalloc) */
  readonly zswap: ReadonlyMap<string, string>
  /** RAM of all zram devices over time */
  readonly zramUsed: Series
}

/** Reads swap devices, zram and zswap every 5 s. */
export const swap: Collector<SwapState> = {
  kind: 'file',
  title: 'swap areas, zram and zswap',
  optional: true,
  interval: 5000,
  openReader: openSwapReader,
  empty: { areas: [], zram: [], zswap: new Map(), zramUsed: createSeries(600) },
  applyFiles: (state, files, time) => {
    const areas = files[SWAPS] ? parseSwaps(files[SWAPS]) : state.areas
    const zram = mergeDevices(state.zram, files)
    const used = zram.reduce((sum, device) => sum + device.used, 0)
    const zramUsed = zram.length + state.zram.length > 0 ? appendPoint(state.zramUsed, time, used) : state.zramUsed
    return { areas, zram, zswap: mergeZswap(state.zswap, files), zramUsed }
  },
}

function openSwapReader(host: Host): CollectorReader {
  let devices: readonly string[] = []
  let listedAt = Number.NEGATIVE_INFINITY
  return time => {
    const files: Record<string, string | null> = { [SWAPS]: host.readFile(SWAPS) }
    if (time - listedAt >= DEVICE_LIST_INTERVAL) {
      listedAt = time
      devices = listZramDevices(host)
      for (const name of ZSWAP_FILES) readOptional(host, `${ZSWAP}/${name}`, files)
    }
    for (const name of devices) readZramDevice(host, `${BLOCK}/${name}`, files)
    return files
  }
}

function listZramDevices(host: Host): readonly string[] {
  try {
    return host.listDirectory(BLOCK).filter(name => /^zram\d+$/.test(name))
  } catch {
    return [] // no sysfs here
  }
}

function readZramDevice(host: Host, folder: string, files: Record<string, string | null>): void {
  if (readOptional(host, `${folder}/mm_stat`, files)) return
  const isOld = OLD_ZRAM_FILES.filter(name => readOptional(host, `${folder}/${name}`, files)).length > 0
  if (!isOld) files[`${folder}/mm_stat`] = null
}

function readOptional(host: Host, path: string, files: Record<string, string | null>): boolean {
  try {
    files[path] = host.readFile(path)
    return true
  } catch {
    return false
  }
}

// /dev/sda2                               partition	2097148		97148		-2
const AREA = /^(\S+)\s+(partition|file)\s+(\d+)\s+(\d+)\s+(-?\d+)$/

/** The areas of /proc/swaps: none is a head line alone. @throws ParseError without the head line */
export function parseSwaps(text: string): readonly SwapArea[] {
  if (!text.startsWith('Filename')) throw new ParseError(SWAPS, 1, 'Filename Type Size Used Priority', text)
  return splitLines(text).flatMap(line => {
    const [, path, type, size, used, priority] = AREA.exec(line) ?? []
    if (path === undefined) return []
    return [
      {
        path: decodeUtf8(decodeOctals(path)),
        type: type!,
        size: Number(size) * 1024,
        used: Number(used) * 1024,
        priority: Number(priority),
      },
    ]
  })
}

function mergeDevices(before: readonly ZramDevice[], files: Files): readonly ZramDevice[] {
  const devices = new Map(before.map(device => [device.name, device]))
  for (const [path, text] of Object.entries(files)) {
    const [, name] = /^\/sys\/block\/(zram\d+)\/mm_stat$/.exec(path) ?? []
    if (name === undefined) continue
    if (text === null) devices.delete(name)
    else devices.set(name, parseZramStat(text, name))
  }
  for (const device of parseOldDevices(files)) devices.set(device.name, device)
  return [...devices.values()]
}

function parseOldDevices(files: Files): readonly ZramDevice[] {
  return Object.keys(files).flatMap(path => {
    const [, folder, name] = /^(\/sys\/block\/(zram\d+))\/mem_used_total$/.exec(path) ?? []
    if (name === undefined) return []
    return [parseZramStat(OLD_ZRAM_FILES.map(file => files[`${folder}/${file}`] ?? '0').join(' '), name)]
  })
}

// orig_data_size compr_data_size mem_used_total mem_limit mem_used_max same_pages …
function parseZramStat(text: string, name: string): ZramDevice {
  const [original, compressed, used] = text.trim().split(/\s+/).map(Number)
  if (used === undefined || !Number.isFinite(used))
    throw new ParseError(`${BLOCK}/${name}/mm_stat`, 1, 'orig_data_size compr_data_size mem_used_total', text)
  return { name, original: original!, compressed: compressed!, used }
}

function mergeZswap(before: ReadonlyMap<string, string>, files: Files): ReadonlyMap<string, string> {
  const after = new Map(before)
  for (const name of ZSWAP_FILES) {
    const text = files[`${ZSWAP}/${name}`]
    if (text) after.set(name, text.trim())
  }
  return after
}
