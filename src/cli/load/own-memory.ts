// The memory of kmemtop itself: a load test must not find its own observer.
import { readFileSync } from 'node:fs'
import { KiB } from '../../base/units.ts'
import { isThisMachine } from '../live/host-identity.ts'

/**
 * Returns a function that reads how much anonymous memory this process holds, in bytes; 0 where it samples another machine.
 * @param root where the files of the sampled node are
 */
export function createOwnMemoryReader(root: string, isRemote: boolean): () => number {
  if (isRemote || !isThisMachine(root)) return () => 0
  return () => {
    const status = readFileSync('/proc/self/status', 'latin1')
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * KiB
  }
}
