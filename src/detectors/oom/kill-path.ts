// The cgroup of a kill in the log, as its path in the tree that is sampled.
import type { OomKill } from '../../collectors/kmsg/oom/oom-kill.ts'
import type { History } from '../../history.ts'

/** Returns the path of the cgroup in which a kill happened; null where the log does not name it. */
export function findKillPath({ taskMemcg, oomGroup }: OomKill, history: History): string | null {
  const path = taskMemcg ?? oomGroup
  return path === null ? null : resolveLoggedPath(history.cgroups, path)
}

// The log has paths of the whole hierarchy. In a container's view of it the same cgroup has the end of that path. If the cgroup is
// gone already, its parent is found.
function resolveLoggedPath({ mounts, cgroups }: History['cgroups'], loggedPath: string): string {
  if (mounts.memory?.root === '/') return loggedPath
  const starts = [...loggedPath.matchAll(/\//g)].map(({ index }) => index)
  return (
    starts
      .map(start => loggedPath.slice(start))
      .find(end => cgroups.has(end) || cgroups.has(end.slice(0, end.lastIndexOf('/')))) ?? loggedPath
  )
}
