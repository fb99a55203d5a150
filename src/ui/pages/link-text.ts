// The link to a node that is reached over a command, in words.
import { formatAge, formatDuration, formatPlural } from '../../base/format.ts'
import type { LinkStatus } from '../../sampling/via/link/link-status.ts'

const MAX_COMMAND = 32

/** Over what and with which delay: ` over ssh root@node7 sh (12 ms)`; empty on this machine. */
export function formatLinkPlace(link: LinkStatus | undefined): string {
  if (!link) return ''
  const command = link.command.length > MAX_COMMAND ? `${link.command.slice(0, MAX_COMMAND - 1)}…` : link.command
  return ` over ${command}${link.delay === undefined ? '' : ` (${formatDelay(link.delay)})`}`
}

const formatDelay = (ms: number): string =>
  ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`

const REBOOT_SHOWN = 600_000 // ms

/** That the node was rebooted while it was watched, for some minutes; else empty. @param now session time */
export function formatReboot(link: LinkStatus | undefined, now: number): string {
  if (link?.rebootedAt === undefined || now - link.rebootedAt > REBOOT_SHOWN) return ''
  return `node rebooted, found ${formatAge(Math.max(0, now - link.rebootedAt))}`
}

/** Why nothing new comes over the link; undefined while answers come. */
export function formatLinkProblem(link: LinkStatus | undefined): string | undefined {
  if (!link || link.state === 'up') return undefined
  const lasted = formatDuration(link.lasted)
  if (link.state === 'waiting') return `no answer for ${lasted}, this screen is stale`
  const [reason = ''] = (link.problem ?? '').split('\n')
  const why = reason === '' ? '' : `: ${reason.slice(0, 60)}`
  return `link down for ${lasted}, ${formatRetry(link)}${why}`
}

const formatRetry = ({ retryIn = 0 }: LinkStatus): string =>
  retryIn < 1000 ? 'reconnecting' : `reconnecting in ${formatDuration(retryIn)}`

/** All that is known of the link, for the page of sources: one line per fact. */
export function describeLink(link: LinkStatus | undefined): readonly string[] {
  if (!link) return []
  const delay = link.delay === undefined ? '' : `, an answer takes at least ${formatDelay(link.delay)}`
  const lost = link.reconnects === 0 ? '' : `, connected again ${formatPlural(link.reconnects, 'time')}`
  return [`over ${link.command}${delay}${lost}`, ...link.missing]
}
