// Frozen cgroups: v1 with oom_kill_disable. At the limit nobody is killed and nothing is logged: the tasks stop in the kernel for ever.

import { filterMap } from '../base/filter-map.ts'
import { formatBytes } from '../base/format.ts'
import { isBelow } from '../base/paths.ts'
import { quoteShellWord } from '../base/text.ts'
import type { Cgroup } from '../collectors/cgroups/cgroup.ts'
import { shortenCgroupPath } from '../collectors/cgroups/short-name.ts'
import { buildCondition } from './condition-finding.ts'
import type { Detector } from './detector.ts'

export const frozenCgroup: Detector<Readonly<Record<string, number>>> = {
  title: 'a cgroup stands still at its limit: its OOM killer is off',
  collectors: ['cgroups'],
  defaults: {},
  detect: history => {
    const mount = history.cgroups.mounts.memory?.path ?? '/sys/fs/cgroup/memory'
    const frozen = filterMap(history.cgroups.cgroups.values(), one =>
      one.underOom && one.oomKillDisable ? one : undefined,
    )
    return frozen
      .filter(one => !frozen.some(other => isBelow(one.path, other.path))) // under_oom holds for all below
      .map(one =>
        buildCondition(history, {
          subject: one.path,
          severity: 'critical',
          title: 'FROZEN CGROUP',
          summary: `${shortenCgroupPath(one.path)} is at its limit${formatLimit(one)} with its OOM killer off: its processes hang, and the log is silent`,
          confidence: 'high: the kernel says under_oom 1 and oom_kill_disable 1',
          confirm: {
            text: 'its tasks are in state D, in mem_cgroup_oom_synchronize',
            command: `cat ${quoteShellWord(`${mount}${one.path}/memory.oom_control`)}`,
          },
          cost: 'whatever runs in it does nothing until somebody gives it memory or kills a process',
          courses: [`cgroup ${one.path}`],
          evidence: { current: one.current, limit: one.limit, failcnt: one.failcnt },
          remedy: [
            {
              text: 'raise the limit a little: the tasks go on at once',
              command: `echo NEW_LIMIT > ${quoteShellWord(`${mount}${one.path}/memory.limit_in_bytes`)}`,
              risk: 'low',
            },
            { text: 'kill one of its processes', risk: 'high' },
            {
              text: 'let the OOM killer do its work',
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
