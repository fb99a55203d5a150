// Remedies about cgroups. They depend on the kernel release: 3.10.0-693 needs another one than 5.14.
import { parseKernelVersion } from '../../base/kernel-version.ts'
import { isIdKeptAfterRemoval, listExhaustionErrors } from '../../collectors/cgroups/memcg-ids.ts'
import type { Remedy } from '../detector.ts'

/**
 * Counts the memory cgroups on any kernel: /proc/cgroups has the row `memory` up to about 6.18 (third number), cgroup.stat
 * of v2 has `nr_subsys_memory` and `nr_dying_subsys_memory` from 6.12 on.
 */
export const COUNT_CGROUPS = 'grep -s memory /proc/cgroups /sys/fs/cgroup/cgroup.stat'

/** Which number of its output to read. */
export const COUNT_HINT = 'column num_cgroups of "memory" (7.x: add nr_subsys_memory and nr_dying_subsys_memory)'

const NOKMEM_SINCE = 1062 // 3.10.0-1062 is the first el7 build whose source knows the parameter; users report 1062.4.1

const REBOOT: Remedy = {
  text: 'until then: drain and reboot the node before IDs or memory run out; a reboot frees everything',
  command: 'kubectl drain NODE --ignore-daemonsets && reboot',
  risk: 'high',
}

/** Remedies for the kmem accounting leak of 3.10 to 5.8. @param release undefined where it is unknown */
export function listLeakRemedies(release: string | undefined, commandLine: string | null): readonly Remedy[] {
  const { major, number: version, el7Build: build } = parseKernelVersion(release ?? '')
  const isSet = commandLine?.includes('cgroup.memory=nokmem') ?? false
  if (major >= 4) return listLaterKernelRemedies(release!, version, isSet)
  return [
    REBOOT,
    ...listNokmemRemedies(release, build, isSet),
    {
      text: 'use a kubelet and runc that do not turn kmem accounting on: Kubernetes 1.9 to 1.15 do unless built with the tag nokmem, Docker from 17.06',
      risk: 'low',
    },
    {
      text: 'move the node to a kernel of 4.19 or later, better 5.10 (el8, or kernel-lt of ELRepo): the accounting was rewritten',
      risk: 'high',
    },
    {
      text: 'last resort: boot with cgroup_disable=memory. No memory limit is enforced then, and one pod can fill the node',
      command: 'grubby --update-kernel=ALL --args=cgroup_disable=memory && reboot',
      risk: 'high',
    },
  ]
}

// Upstream has the parameter from 4.5 on, where kmem accounting became the default; from 5.9 on cgroups share caches.
function listLaterKernelRemedies(release: string, version: number, isSet: boolean): readonly Remedy[] {
  const command = /\.el\d/.test(release) ? { command: NOKMEM_COMMAND } : {}
  const nokmemRemedy: Remedy = {
    text: `boot with cgroup.memory=nokmem: ${release} supports it`,
    ...command,
    risk: 'high',
  }
  return [
    ...listDyingCgroupRemedies(release).slice(0, 2),
    REBOOT,
    ...(version >= 4005 && !isSet ? [nokmemRemedy] : []),
    { text: 'move the node to a kernel of 5.10 or later: there cgroups share slab caches', risk: 'high' },
  ]
}

const NOKMEM_COMMAND = 'grubby --update-kernel=ALL --args=cgroup.memory=nokmem && reboot'

function listNokmemRemedies(release: string | undefined, build: number | null, isSet: boolean): readonly Remedy[] {
  if (isSet && build !== null && build < NOKMEM_SINCE)
    return [
      {
        text: `cgroup.memory=nokmem is on the command line, but ${release} does not support it: update to 3.10.0-1062.4.1.el7 or later`,
        command: 'yum update kernel && reboot',
        risk: 'high',
      },
    ]
  if (isSet) return []
  if (release !== undefined && build === null)
    return [
      {
        text: `boot with cgroup.memory=nokmem, if ${release} supports it (el7 does from 3.10.0-1062 on): its System.map has the symbol then`,
        command: 'grep cgroup_memory /boot/System.map-$(uname -r)',
        risk: 'none',
      },
    ]
  if (build === null)
    return [
      {
        text: 'boot with cgroup.memory=nokmem, supported on el7 from 3.10.0-1062.4.1 on',
        command: NOKMEM_COMMAND,
        risk: 'high',
      },
    ]
  if (build < NOKMEM_SINCE)
    return [
      {
        text: `${release} does not support cgroup.memory=nokmem: update to 3.10.0-1062.4.1.el7 or later first, then boot with it`,
        command: `yum update kernel && ${NOKMEM_COMMAND}`,
        risk: 'high',
      },
    ]
  return [{ text: `boot with cgroup.memory=nokmem: ${release} supports it`, command: NOKMEM_COMMAND, risk: 'high' }]
}

const DROP_CACHES: Remedy = {
  text: 'free removed cgroups held by page cache only (up to 4.7 they keep their ID); files are read from disk again afterwards',
  command: 'echo 1 > /proc/sys/vm/drop_caches',
  risk: 'low',
}

/** Remedies where no memcg ID is left. */
export function listIdRemedies(release: string | undefined): readonly Remedy[] {
  const mkdirHint =
    release === undefined
      ? ''
      : ` (on ${release} mkdir fails with ${listIdErrors(release)
          .map(text => `"${text}"`)
          .join(' or ')})`
  return [
    { text: `count the memory cgroups: the limit is 65,535${mkdirHint}`, command: COUNT_CGROUPS, risk: 'none' },
    {
      text: 'find where most of them are: what creates them should remove them',
      command: "find /sys/fs/cgroup -type d | sed 's,/[^/]*$,,' | sort | uniq -c | sort -rn | head",
      risk: 'none',
    },
    ...(release === undefined || isIdKeptAfterRemoval(release) ? [DROP_CACHES] : []),
    { text: 'drain and reboot: it frees all of them', risk: 'high' },
  ]
}

const ERROR_TEXTS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on device',
  ENOMEM: 'cannot allocate memory',
  EBUSY: 'device or resource busy',
}

/** The error texts (strerror) of mkdir when IDs are used up, as they appear in the events of a pod. */
export const listIdErrors = (release: string): readonly string[] =>
  listExhaustionErrors(release).map(name => ERROR_TEXTS[name]!)

/** Remedies for removed cgroups that the kernel still holds. */
export function listDyingCgroupRemedies(release: string | undefined): readonly Remedy[] {
  const isFixed = release !== undefined && parseKernelVersion(release).number >= 7002
  return [
    {
      text: 'check how many are held by page cache only: the count falls when it is dropped',
      command: `echo 1 > /proc/sys/vm/drop_caches; ${COUNT_CGROUPS}`,
      risk: 'low',
    },
    {
      text: 'delete tmpfs files (emptyDir medium Memory) that are not needed: they hold the cgroup that wrote them',
      risk: 'low',
    },
    isFixed
      ? { text: 'restart the process or pod that started with the growth', risk: 'low' }
      : {
          text: 'install a later kernel: page cache and tmpfs hold dying cgroups up to 6.18, no longer in 7.2',
          risk: 'high',
        },
  ]
}
