// Frozen cgroups (v1 with oom_kill_disable): at the limit no process is killed and nothing is logged. The tasks wait in the kernel.

import { filterMap } from '../base/filter-map.ts'
import { formatBytes } from '../base/format.ts'
import { isBelow } from '../base/paths.ts'
import { quoteShellWord } from '../base/text.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { shortenCgroupPath } from '../collectors/cgroups/short-name.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'
import { listEvidence } from './evidence.ts'

const THRESHOLDS = {}

export const frozenCgroup: Detector<typeof THRESHOLDS> = {
  title: 'a cgroup is stuck at its limit with its OOM killer off',
  topic: 'cgroups',
  alerts: [
    {
      titles: ['FROZEN CGROUP'],
      meaning: 'A cgroup is at its limit with the OOM killer off. Its processes hang, and nothing is logged.',
      lasts: 'while it holds',
      response: 'raise the limit, or enable the OOM killer',
    },
  ],
  collectors: ['cgroups'],
  thresholds: THRESHOLDS,
  detect: history => {
    const mount = history.cgroups.mounts.memory?.path ?? '/sys/fs/cgroup/memory'
    const frozen = filterMap(history.cgroups.cgroups, one => (one.underOom && one.oomKillDisable ? one : undefined))
    return frozen
      .filter(one => !frozen.some(other => isBelow(one.path, other.path))) // under_oom is set for all descendants too
      .map(one =>
        buildCondition(history, {
          subject: one.path,
          severity: 'critical',
          title: 'FROZEN CGROUP',
          summary: `${shortenCgroupPath(one.path)} is at its limit${formatLimit(one)} with its OOM killer off: its processes hang and nothing is logged`,
          confidence: 'high: the kernel reports under_oom 1 and oom_kill_disable 1',
          confirm: {
            text: 'its tasks are in state D, in mem_cgroup_oom_synchronize',
            command: `cat ${quoteShellWord(`${mount}${one.path}/memory.oom_control`)}`,
          },
          cost: 'its processes do nothing until the limit is raised or one of them is killed',
          evidenceSeries: [`cgroup ${one.path}`],
          evidence: listEvidence(
            ['usage', one.current, 'bytes', 'current'],
            ['limit', one.limit, 'bytes'],
            ['times at limit', one.failcnt, 'count', 'failcnt'],
          ),
          remedy: [
            {
              text: 'raise the limit a little: the tasks continue at once',
              command: `echo NEW_LIMIT > ${quoteShellWord(`${mount}${one.path}/memory.limit_in_bytes`)}`,
              risk: 'low',
            },
            { text: 'kill one of its processes', risk: 'high' },
            {
              text: 'turn its OOM killer on',
              command: `echo 0 > ${quoteShellWord(`${mount}${one.path}/memory.oom_control`)}`,
              risk: 'high',
            },
          ],
        }),
      )
  },
}

const formatLimit = ({ limit }: Cgroup): string =>
  limit === null || !Number.isFinite(limit) ? '' : ` of ${formatBytes(limit)}`
