// Captures of meminfo, with the lines of vmstat and zoneinfo that the account of all RAM needs, under test/fixtures/ram/<kernel>/<name>.
import { existsSync, globSync, readFileSync } from 'node:fs'
import type { RamAccount } from '../src/collectors/ram-identity.ts'
import type { History } from '../src/history.ts'
import { createReading } from './detectors/readings.ts'
import { buildHistory } from './fixtures.ts'

const ROOT = new URL('fixtures/ram/', import.meta.url).pathname

/** A moment of a real node: what was going on there, and the kernel's release. */
export interface RamCapture {
  readonly kernel: string
  readonly name: string
}

export const RAM_CAPTURES: readonly RamCapture[] = globSync('*/*', { cwd: ROOT })
  .toSorted()
  .map(path => ({ kernel: path.split('/')[0]!, name: path.split('/')[1]! }))

/** The history of one sample at that moment. */
export function readCapture({ kernel, name }: RamCapture): History {
  const readings = (['vmstat', 'zoneinfo', 'meminfo'] as const).flatMap(id => {
    const path = `${ROOT}${kernel}/${name}/${id}`
    return existsSync(path) ? [createReading(0, id, { [`/proc/${id}`]: readFileSync(path, 'latin1') })] : []
  })
  return buildHistory(readings, { kernel })
}

/** Where all RAM of that moment was; `hasCpuLists`: the free lists of each CPU were captured too. */
export function accountForCapture(capture: RamCapture): RamAccount & { readonly hasCpuLists: boolean } {
  const { meminfo, zoneinfo } = readCapture(capture)
  if (!meminfo.account) throw new Error(`${capture.kernel}/${capture.name}: meminfo is not whole`)
  return { ...meminfo.account, hasCpuLists: zoneinfo.bytes !== undefined }
}
