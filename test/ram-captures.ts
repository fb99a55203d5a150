// Captures of meminfo, with the lines of vmstat and zoneinfo that the account of all RAM needs, under test/fixtures/ram/<kernel>/<name>.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { parseMeminfo } from '../src/collectors/meminfo.ts'
import { accountForRam, type RamAccount } from '../src/collectors/ram-identity.ts'
import { parseVmstat } from '../src/collectors/vmstat.ts'
import { parseZoneinfo } from '../src/collectors/zoneinfo.ts'

const ROOT = new URL('fixtures/ram/', import.meta.url).pathname
const PAGE = 4096

/** A moment of a real node: what was going on there, and the kernel's release. */
export interface RamCapture {
  readonly kernel: string
  readonly name: string
}

export const RAM_CAPTURES: readonly RamCapture[] = globSync('*/*', { cwd: ROOT })
  .toSorted()
  .map(path => ({ kernel: path.split('/')[0]!, name: path.split('/')[1]! }))

/** Where all RAM of that moment was; `hasCpuLists`: the free lists of each CPU were captured too. */
export function accountForCapture({ kernel, name }: RamCapture): RamAccount & { readonly hasCpuLists: boolean } {
  const folder = `${ROOT}${kernel}/${name}`
  const read = (file: string): string => readFileSync(`${folder}/${file}`, 'latin1')
  const hasCpuLists = existsSync(`${folder}/zoneinfo`)
  const zspages = parseVmstat(read('vmstat')).nr_zspages
  const pages = hasCpuLists ? parseZoneinfo(read('zoneinfo')).reduce((sum, zone) => sum + zone.pages, 0) : 0
  const account = accountForRam({
    meminfo: parseMeminfo(read('meminfo')).values,
    kernel,
    ...(zspages === undefined ? {} : { zspages: zspages * PAGE }),
    ...(hasCpuLists ? { cpuLists: pages * PAGE } : {}),
  })
  if (!account) throw new Error(`${kernel}/${name}: meminfo is not whole`)
  return { ...account, hasCpuLists }
}
