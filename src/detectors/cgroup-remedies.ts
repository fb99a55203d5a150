// Remedies that depend on the kernel release: what helps on 3.10.0-693 is another thing than on 5.14.
import type { Remedy } from './detector.ts'

/** Major and minor of a release, and the build number of RHEL 7: `3.10.0-1160.el7.x86_64` -> [3, 10, 1160]. */
export function versionOf(release: string): {
  readonly major: number
  readonly minor: number
  readonly el7: number | null
} {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? []
  const el7 = /^3\.10\.0-(\d+)[\d.]*\.el7/.exec(release)?.[1]
  return { major: Number(major), minor: Number(minor), el7: el7 === undefined ? null : Number(el7) }
}

const NOKMEM_SINCE = 1062 // 3.10.0-1062 is the first el7 build whose source knows the parameter; 1062.4.1 by users' word

/** The kmem accounting leak of 3.10. Undefined: the release is not known. */
export function leakRemedies(release: string | undefined, commandLine: string | null): readonly Remedy[] {
  const build = release === undefined ? null : versionOf(release).el7
  const isSet = commandLine?.includes('cgroup.memory=nokmem') ?? false
  return [
    {
      text: 'until then: drain and reboot the node before IDs or memory run out; it frees everything, and the count begins anew',
      command: 'kubectl drain NODE --ignore-daemonsets && reboot',
      risk: 'high',
    },
    ...nokmem(release, build, isSet),
    {
      text: 'use a kubelet and runc that do not turn kmem accounting on: Kubernetes 1.9 to 1.15 do unless built with the tag nokmem, Docker from 17.06',
      risk: 'low',
    },
    {
      text: 'move the node to a kernel of 4.19 or later, better 5.10 (el8, or kernel-lt of ELRepo): the accounting was rewritten',
      risk: 'high',
    },
    {
      text: 'last resort: boot with cgroup_disable=memory. No memory limit holds any more, one pod can take the node',
      command: 'grubby --update-kernel=ALL --args=cgroup_disable=memory && reboot',
      risk: 'high',
    },
  ]
}

const GRUBBY = 'grubby --update-kernel=ALL --args=cgroup.memory=nokmem && reboot'

function nokmem(release: string | undefined, build: number | null, isSet: boolean): readonly Remedy[] {
  if (isSet && build !== null && build < NOKMEM_SINCE)
    return [
      {
        text: `cgroup.memory=nokmem is on the command line, but ${release} does not know it: update to 3.10.0-1062.4.1.el7 or later`,
        command: 'yum update kernel && reboot',
        risk: 'high',
      },
    ]
  if (isSet) return []
  if (release !== undefined && build === null)
    return [
      {
        text: `boot with cgroup.memory=nokmem, if ${release} knows it (el7 does from 3.10.0-1062 on): then its System.map has the symbol`,
        command: 'grep cgroup_memory /boot/System.map-$(uname -r)',
        risk: 'none',
      },
    ]
  if (build === null)
    return [
      {
        text: 'boot with cgroup.memory=nokmem, on el7 understood from 3.10.0-1062.4.1 on',
        command: GRUBBY,
        risk: 'high',
      },
    ]
  if (build < NOKMEM_SINCE)
    return [
      {
        text: `${release} does not know cgroup.memory=nokmem: update to 3.10.0-1062.4.1.el7 or later first, then boot with it`,
        command: `yum update kernel && ${GRUBBY}`,
        risk: 'high',
      },
    ]
  return [{ text: `boot with cgroup.memory=nokmem: ${release} knows it`, command: GRUBBY, risk: 'high' }]
}

/** No ID is left for a memory cgroup. */
export function idRemedies(release: string | undefined): readonly Remedy[] {
  const words = release === undefined ? [] : idErrors(release).map(word => `"${word}"`)
  const said = words.length === 0 ? '' : ` (on ${release} mkdir answers ${words.join(' or ')})`
  return [
    { text: `see how many there are: the limit is 65,535${said}`, command: 'grep memory /proc/cgroups', risk: 'none' },
    {
      text: 'let go of those that only page cache holds; the node reads its files again afterwards',
      command: 'echo 1 > /proc/sys/vm/drop_caches',
      risk: 'low',
    },
    { text: 'drain and reboot: it gives all of them back', risk: 'high' },
  ]
}

const NO_SPACE = 'no space left on device'
const NO_MEMORY = 'cannot allocate memory'

/**
 * What mkdir says when IDs are used up. mm/memcontrol.c of the releases: the error of the ID allocator was lost from 4.8
 * (in 4.4 by a stable update, in el7 by a backport) to 5.9, and is another one from 6.12 on. el8 may say either.
 */
export function idErrors(release: string): readonly string[] {
  const { major, minor, el7 } = versionOf(release)
  const at = major * 1000 + minor
  if (el7 !== null) return el7 <= 514 ? [NO_SPACE] : el7 < 1062 ? [NO_SPACE, NO_MEMORY] : [NO_MEMORY]
  if (at >= 6012) return ['device or resource busy']
  if (at >= 5010) return [NO_SPACE]
  if (at < 4004 || (at > 4004 && at < 4008)) return [NO_SPACE]
  return at === 4004 || /\.el8/.test(release) ? [NO_MEMORY, NO_SPACE] : [NO_MEMORY]
}

/** Removed cgroups that live on. */
export function dyingRemedies(release: string | undefined): readonly Remedy[] {
  const isFixed = release !== undefined && versionOf(release).major * 1000 + versionOf(release).minor >= 7002
  return [
    {
      text: 'see how much is only page cache: the count falls when it is dropped',
      command: 'echo 1 > /proc/sys/vm/drop_caches; grep memory /proc/cgroups',
      risk: 'low',
    },
    {
      text: 'delete tmpfs files (emptyDir medium Memory) that nobody needs: they hold the cgroup that wrote them',
      risk: 'low',
    },
    isFixed
      ? { text: 'restart the process or pod whose load began with the growth', risk: 'low' }
      : { text: 'a later kernel: page cache and tmpfs hold dying cgroups up to 6.18, in 7.2 no longer', risk: 'high' },
  ]
}
