// Own cost: the CPU time that kmemtop's own sampling takes. Sampling must never cause the outage.
import { formatPercent } from '../base/format.ts'
import { sampledIds } from '../collectors/index.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'
import type { ThresholdTable } from './thresholds.ts'

const THRESHOLDS = {
  share: [0.1, 'share of one CPU', 'time of all sampling together'],
  longest: [500, 'ms', 'time of one sample of a source: the kernel holds locks meanwhile'],
} as const satisfies ThresholdTable

export const ownCost: Detector<typeof THRESHOLDS> = {
  title: 'kmemtop’s own sampling costs too much',
  topic: 'memory',
  alerts: [
    {
      titles: ['OWN COST'],
      meaning:
        'Sampling takes over 10 % of a CPU, or two samples of a source in a row take over half a second each. Such sources are sampled less often.',
      lasts: 'while it holds',
      response: 'sample less often: `kmemtop -i 5s`',
    },
  ],
  collectors: ['uptime'],
  thresholds: THRESHOLDS,
  detect: (history, { share: most, longest }) => {
    const costs = sampledIds.flatMap(id => {
      const source = history.sources[id]
      if (!source) return []
      const { sustainedCost: cost, interval } = source
      return [{ id, cost, share: cost / Math.max(1, interval) }]
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
        confidence: 'high: each sample is timed, and one slow sample does not count',
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
