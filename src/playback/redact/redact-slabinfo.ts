// Rows of slabinfo with other names where they hold a cgroup's name or an address.
import { decodeUtf8 } from '../../base/text.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/**
 * Returns the text with other names where a row has the name of a cgroup or an address:
 * kmalloc-64(12:web-0)   22784  22784     64   64    1 : tunables …
 */
export const redactSlabinfo = (text: string, redactCache: Pseudonyms['redactCache']): string =>
  text
    .split('\n')
    .map(line => {
      const name = findForeignCacheName(line)
      return name === undefined ? line : redactCache(decodeUtf8(name)) + line.slice(name.length)
    })
    .join('\n')

/** Returns the name of a row's cache if it holds what is not the kernel's: a cgroup's name, or an address. */
function findForeignCacheName(line: string): string | undefined {
  const copy = line.slice(0, line.lastIndexOf(')') + 1)
  const word = /^\w+/.exec(line)?.[0] ?? ''
  const foreign = [/.\(\d+:/s.test(copy) && copy, /ffff[0-9a-f]{12}/.test(word) && word].find(Boolean)
  return foreign && /^ +\d+ +\d+ /.test(line.slice(foreign.length)) ? foreign : undefined
}
