// tmpfs mounts as holders: of inodes, or of bytes. Pure.
import { formatBytes, formatCount } from '../../base/format.ts'
import type { Survey, TmpfsFacts } from '../../collectors/holders/survey.ts'
import { type Holder, rateConfidence } from './holder.ts'

const MIN_SHARE = 0.1 // of the whole: who has less is not named
const MIN_GROWTH_SHARE = 0.01 // growth between two surveys that is more than noise, as a share of the whole

/** What of a mount counts. */
interface TmpfsMeasure {
  readonly count: (mount: TmpfsFacts) => number
  readonly format: (count: number) => string
  /** how much of it the whole node has; absent: the sum of the mounts */
  readonly total?: number
}

const TMPFS_INODES: TmpfsMeasure = {
  count: ({ inodes }) => inodes ?? 0,
  format: count => `${formatCount(count)} files and directories in tmpfs`,
}

/** The mounts with most files; between two surveys those that grow. */
export const findInodeHolders = (survey: Survey, before: Survey | undefined): readonly Holder[] =>
  findHolders(TMPFS_INODES, survey, before)

/** The mounts with most bytes. @param total bytes of all shared memory */
export const findByteHolders = (survey: Survey, before: Survey | undefined, total: number): readonly Holder[] =>
  findHolders(
    { count: ({ bytes }) => bytes ?? 0, format: count => `${formatBytes(count)} of files in tmpfs`, total },
    survey,
    before,
  )

function findHolders(measure: TmpfsMeasure, { tmpfs }: Survey, before: Survey | undefined): readonly Holder[] {
  const earlier = new Map(before?.tmpfs.map(mount => [mount.device, measure.count(mount)]))
  const listed = tmpfs.map(mount => {
    const amount = measure.count(mount)
    return { mount, amount, growth: before ? Math.max(0, amount - (earlier.get(mount.device) ?? 0)) : 0 }
  })
  const sum = Math.max(
    measure.total ?? 0,
    listed.reduce((all, { amount }) => all + amount, 0),
  )
  const growth = listed.reduce((all, one) => all + one.growth, 0)
  const isGrowing = growth > MIN_GROWTH_SHARE * sum
  return listed.flatMap(({ mount, amount, growth: own }) => {
    const share = isGrowing ? own / growth : amount / Math.max(1, sum)
    if (share < MIN_SHARE) return []
    return {
      kind: 'tmpfs' as const,
      name: mount.path,
      cgroup: mount.cgroup,
      holds: `${measure.format(amount)}${isGrowing ? ', growing' : ''}`,
      share,
      confidence: rateConfidence(share),
    }
  })
}
