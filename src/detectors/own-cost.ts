// Own cost: what kmemtop's looks take of this machine. Sampling must never be the outage.
import { formatPercent } from '../base/format.ts'
import { sampledIds } from '../collectors/index.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'

const defaults = {
  /** share of one CPU that all looks together may take */
  share: 0.1,
  /** ms that one look may take: the kernel holds locks meanwhile */
  longest: 500,
}

export const ownCost: Detector<typeof defaults> = {
  title: 'kmemtop’s own looks cost too much',
  collectors: ['uptime'],
  defaults,
  detect: (history, { share: most, longest }) => {
    const costs = sampledIds.flatMap(id => {
      const source = history.sources[id]
      return source?.cost == null ? [] : [{ id, cost: source.cost, share: source.cost / Math.max(1, source.interval) }]
    })
    const share = costs.reduce((sum, sample) => sum + sample.share, 0)
    const slow = costs.filter(({ cost }) => cost > longest)
    if (share < most && slow.length === 0) return []
    const [mostExpensive] = costs.sort((a, b) => b.share - a.share)
    return [
      buildCondition(history, {
        subject: 'looks',
        severity: 'info',
        title: 'OWN COST',
        summary: `kmemtop’s looks take ${formatPercent(share)} of a CPU, most of it ${mostExpensive!.id} (${Math.round(mostExpensive!.cost)} ms a look): this node is large or slow, dear sources are read less often`,
        confidence: 'high: each look is timed',
        cost: 'the kernel holds locks of what is read meanwhile',
        evidence: {
          share,
          ...Object.fromEntries(slow.map(({ id, cost }) => [`${id} a look`, `${Math.round(cost)} ms`])),
        },
        remedy: [{ text: 'look less often', command: 'kmemtop -i 5s', risk: 'none' }],
      }),
    ]
  },
}
