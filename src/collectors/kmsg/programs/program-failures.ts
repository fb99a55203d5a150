// Parses what programs write when they were refused memory or a cgroup: kubelet, runc, shells.
import type { ProgramFailure } from '../memory-event.ts'
import { findRefusal } from './refused-runtimes.ts'

// mkdir /sys/fs/cgroup/memory/kubepods/burstable/pod…: cannot allocate memory
const ERROR_TEXT =
  /\b(cannot allocate memory|no space left on device|device or resource busy|resource temporarily unavailable)\b/i
// v1 controllers other than memory: a failure there says nothing about memory
const OTHER_CONTROLLER =
  /\/sys\/fs\/cgroup\/(?:cpu|cpuacct|cpuset|blkio|devices|freezer|net_cls|net_prio|perf_event|hugetlb|pids|rdma|misc|systemd|unified)\b/

/**
 * Parses a program's line about memory or cgroups that it was refused. Errors other than ENOMEM count only if the line names a
 * cgroup, because disks are full and devices are busy too.
 * @param program who wrote the line; if undefined, the `kubelet[123]: ` at the start of the text counts
 */
export function parseProgramLine(text: string, program?: string): ProgramFailure | undefined {
  const refusal = findRefusal(text)
  if (refusal) {
    const resource = refusal.resource ?? null
    const who = program ?? refusal.program
    return { kind: 'program-failure', program: who, error: 'out of memory', resource, cgroup: null, isMkdir: false }
  }
  const errorMatch = ERROR_TEXT.exec(text)
  if (!errorMatch) return undefined
  const error = errorMatch[1]!.toLowerCase() as ProgramFailure['error']
  const cgroup = /\/sys\/fs\/cgroup(?:\/memory)?(\/[^\s:"'\\\u2018-\u201f]*)/.exec(text)?.[1] ?? null
  const isCgroup = (cgroup !== null || /cgroup/i.test(text)) && !OTHER_CONTROLLER.test(text) && !/inotify/i.test(text)
  if (error !== 'cannot allocate memory' && !isCgroup) return undefined
  const name =
    program ??
    /^-?(?!(?:Caused|Exception|[eE]rror|ERROR|[fF]atal|FATAL|[wW]arn(?:ing)?|WARN(?:ING)?): )([\w.@/-]+)(?:\[\d+\])?: /.exec(
      text,
    )?.[1] ??
    null
  const isMkdir = /\bmkdir\b/.test(text)
  return {
    kind: 'program-failure',
    program: name,
    error,
    resource: null,
    cgroup: isCgroup ? cgroup : null,
    isMkdir,
  }
}
