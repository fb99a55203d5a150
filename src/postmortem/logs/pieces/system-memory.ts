// Memory as `smem -w` prints it, by area, and as `ctr task metrics` prints that of a container. Pure.
import { ParseError } from '../../../base/errors.ts'
import { splitLines } from '../../../base/text.ts'
import { parseResident } from './process-tables.ts'
import type { Snapshot } from './snapshots.ts'

type SnapshotOf<Kind extends Snapshot['kind']> = Extract<Snapshot, { readonly kind: Kind }>

/** The head of `smem -w`. */
export const SMEM_AREAS_BEGIN = /^Area +Used +Cache +Noncache\s*$/
const AREA = /^([a-z][\w /-]{2,40}?) +([\d.]{1,16}[KMGT]?) +([\d.]{1,16}[KMGT]?) +([\d.]{1,16}[KMGT]?) *$/
/** A row of `smem -w`. */
export const SMEM_AREAS_LINE = AREA

/** `smem -w`: what is no cache is not available; the kernel's share is kept. @throws ParseError without the free memory */
export function parseSmemAreas(text: string): SnapshotOf<'free'> {
  const areas = splitLines(text).flatMap(line => {
    const [, name, ...columns] = AREA.exec(line) ?? []
    const [used, , held] = columns.map(parseResident)
    return name === undefined || used === undefined || held === undefined ? [] : [{ name, used, held }]
  })
  const free = areas.find(({ name }) => name === 'free memory')
  if (!free) throw new ParseError('smem -w', 2, 'free memory and its size', text)
  const others = areas.filter(area => area !== free)
  const total = free.used + others.reduce((sum, { used }) => sum + used, 0)
  return {
    kind: 'free',
    total,
    available: total - others.reduce((sum, { held }) => sum + held, 0),
    free: free.used,
    swapTotal: null,
    swapFree: null,
    kernel: others.filter(({ name }) => name.startsWith('kernel')).reduce((sum, { held }) => sum + held, 0),
  }
}

/** The head of `ctr task metrics`. */
export const CTR_BEGIN = /^ID +TIMESTAMP\s*$/
/** A further line of `ctr task metrics`. */
export const CTR_LINE = /^\S{1,128} +\d{4}-\d\d-\d\d .*$|^METRIC +VALUE\s*$|^[\w.]{1,64} +\d{1,20} *$|^$/

/** `ctr task metrics CONTAINER`, of cgroup v1 and v2. @throws ParseError without its memory */
export function parseContainerMetrics(text: string): SnapshotOf<'memory by name'> {
  const get = (name: string): number | undefined => {
    const digits = new RegExp(`^memory\\.${name} +(\\d{1,20}) *$`, 'm').exec(text)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
  const bytes = get('usage_in_bytes') ?? get('usage')
  const limit = get('limit_in_bytes') ?? get('usage_limit') ?? 0
  const name = /^(\S{1,128}) +\d{4}-\d\d-\d\d /m.exec(text)?.[1] ?? 'a container'
  if (bytes === undefined) throw new ParseError('ctr task metrics', 4, 'memory.usage and its bytes', text)
  // without a limit the kernel gives the largest number there is
  const row = { name, pid: null, bytes, limit: limit > 0 && limit < 2 ** 60 ? limit : null }
  return { kind: 'memory by name', what: 'containers', rows: [row] }
}
