// A holder as one line.
import { formatPercent } from '../../base/format.ts'
import { formatCgroupName } from '../../collectors/container-names.ts'
import type { History } from '../../history.ts'
import type { Holder } from './holder.ts'

/** `leak[4121] in pod web-0: 48,900 eventfd, 98 % of all (high confidence)` */
export function formatHolder(history: History, { kind, name, cgroup, holds, share, confidence }: Holder): string {
  const owner = kind === 'cgroup' ? formatCgroupName(history, name) : name
  const place = kind === 'cgroup' || cgroup === '' || cgroup === '/' ? '' : ` in ${formatCgroupName(history, cgroup)}`
  const part = share === null ? '' : `, ${formatPercent(share)} of all`
  return `${owner}${place}: ${holds}${part} (${confidence} confidence)`
}
