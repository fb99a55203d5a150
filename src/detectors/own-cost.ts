// Own cost: the CPU time that kmemtop's own sampling takes. Sampling must never cause the outage.
import { formatPercent } from '../base/format.ts'
import { sampledIds } from '../collectors/index.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'

const defaults = {
  /** share of one CPU that all sampling together may take */
  share: 0.1,
  /** ms that one sample of a source may take: the kernel holds locks meanwhile */
  longest: 500,
}

export const ownCost: Detector<typeof defaults> = {
  title: 'kmemtop’s own sampling costs too much',
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
        subject: 'sampling',
        severity: 'info',
        title: 'OWN COST',
        summary: `kmemtop uses ${formatPercent(share)} of a CPU, mostly for ${mostExpensive!.id} (${Math.round(mostExpensive!.cost)} ms per sample); expensive sources are now sampled less often`,
        confidence: 'high: each sample is timed',
        cost: 'the kernel holds locks while the files are read',
        evidence: listEvidence(
          ['share of a CPU', share, 'share', 'share'],
          ...slow.map(
            ({ id, cost }) => [`${id} per sample`, `${Math.round(cost)} ms`, 'text', `${id} a look`] as const,
          ),
        ),
        remedy: [{ text: 'sample less often', command: 'kmemtop -i 5s', risk: 'none' }],
      }),
    ]
  },
}
